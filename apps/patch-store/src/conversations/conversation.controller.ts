import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Controller, Get, NotAcceptableException, Param, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { ConversationQuery, readableLine } from '#contracts';
import { Confined } from '../http/confined.js';
import { IdPipe, OrdinalPipe } from '../http/contract.pipe.js';
import { Needs } from '../http/needs.js';
import { ReadConversation } from './read-conversation.js';

const RAW = 'application/jsonl';
const READABLE = 'text/markdown';

@Controller('v1/tasks/:id/checkpoints/:number/conversation')
export class ConversationController {
  constructor(private readonly read: ReadConversation) {}

  /**
   * A file of what the agent had recorded of its conversation, byte for byte as the program wrote it; with
   * `Accept: text/markdown` as text for people. A body that breaks off is incomplete.
   */
  @Get()
  @Needs('content')
  @Confined('task')
  async content(
    @Param('id', IdPipe) taskId: string,
    @Param('number', OrdinalPipe) number: number,
    @Query() { path }: ConversationQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const type = request.accepts([RAW, READABLE]);
    if (type === false)
      throw new NotAcceptableException(`A conversation is available as ${RAW} or ${READABLE}.`);
    const conversation = await this.read.find(taskId, number);
    const file = this.read.fileOf(conversation, path);
    const bytes = Readable.from(this.read.slices(conversation, file));
    response.set({ Vary: 'Accept', 'Cache-Control': 'private, no-store' });
    response.setHeader('Content-Type', type === RAW ? RAW : `${READABLE}; charset=utf-8`);
    if (type === RAW) response.set({ 'Content-Length': String(file.lengthBytes), ETag: `"${file.sha256}"` });
    if (request.method === 'HEAD') return void response.end();
    await pipeline(type === RAW ? bytes : Readable.from(readable(bytes)), response).catch(
      (error: unknown) => {
        // The client has disconnected: there is nobody to answer.
        if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
      },
    );
  }
}

async function* readable(bytes: Readable): AsyncGenerator<string> {
  for await (const line of createInterface({ input: bytes, crlfDelay: Infinity })) {
    const text = readableLine(line);
    if (text !== '') yield text;
  }
}
