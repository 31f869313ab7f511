import type { ServerResponse } from 'node:http';
import { Injectable, Logger, ServiceUnavailableException, type OnModuleDestroy } from '@nestjs/common';
import { ContractError } from '#contracts';
import { StreamFollower, type FollowFrom, type StreamDeclaration } from '#messaging';
import { ServerSentEvents } from '../http/server-sent-events.js';
import { OpenStreams } from './open-streams.js';

/** Which messages of a stream are requested, and since when. */
export interface StreamRequest {
  stream: StreamDeclaration;
  /** The kind of its messages, for the `event` field. */
  nameOf: (subject: string) => string;
  subject: string;
  /** Whether a message is from who may publish it. Absent: the stream takes no others. */
  isGenuine?: (subject: string) => Promise<boolean>;
  /** Whether the reader may see a message. Absent: all of them. */
  isForReader?: (subject: string) => Promise<boolean>;
  /** The place where a reader left off; has precedence over `since`. */
  lastEventId: string | undefined;
  /** Absent: from now on. */
  since: string | undefined;
}

/** Answers requests with the messages of a stream as Server-Sent Events. */
@Injectable()
export class AnswerWithStream implements OnModuleDestroy {
  private readonly logger = new Logger(AnswerWithStream.name);
  private readonly stopping = new AbortController();

  constructor(
    private readonly follower: StreamFollower,
    private readonly streams: OpenStreams,
  ) {}

  onModuleDestroy(): void {
    this.stopping.abort();
  }

  /**
   * Resolves when the answer has ended: the reader left, this server stops, or its source was lost for some
   * time.
   *
   * @throws ContractError `FIELD_INVALID`, `TOO_MANY_STREAMS`; ServiceUnavailableException while NATS is
   *   unreachable
   */
  async answer(response: ServerResponse, request: StreamRequest): Promise<void> {
    const from = beginning(request);
    if (response.req.method === 'HEAD') return new ServerSentEvents(response).end();
    const leave = this.streams.take();
    try {
      await this.follow(response, request, from);
    } finally {
      leave();
    }
  }

  private async follow(response: ServerResponse, request: StreamRequest, from: FollowFrom): Promise<void> {
    const ended = new AbortController();
    const signal = AbortSignal.any([this.stopping.signal, ended.signal]);
    response.once('close', () => ended.abort());
    const { after, entries } = await this.open(request, from, signal);
    const events = new ServerSentEvents(response, after?.toString());
    try {
      for await (const { sequence, subject, data } of entries) {
        if (request.isForReader && !(await request.isForReader(subject))) continue;
        if (request.isGenuine && !(await request.isGenuine(subject))) continue;
        const text = Buffer.from(data).toString('utf8');
        await events.send({ id: String(sequence), event: request.nameOf(subject), data: text });
      }
    } catch (error) {
      this.logger.warn({ msg: 'an event stream broke off', err: error });
    } finally {
      events.end();
    }
  }

  private async open({ stream, subject }: StreamRequest, from: FollowFrom, signal: AbortSignal) {
    try {
      return await this.follower.follow(stream, subject, from, signal);
    } catch (error) {
      this.logger.warn({
        msg: 'NATS is unreachable: there is no event stream',
        reason: (error as Error).message,
      });
      throw new ServiceUnavailableException('NATS is unreachable. The same request may succeed in a moment.');
    }
  }
}

function beginning({ since, lastEventId }: StreamRequest): FollowFrom {
  if (lastEventId === undefined || lastEventId === '') return since ? { since: new Date(since) } : 'now';
  if (/^\d{1,15}$/.test(lastEventId)) return { after: Number(lastEventId) };
  throw new ContractError(
    'FIELD_INVALID',
    `Last-Event-ID "${lastEventId}" is not the id of an event of this stream.`,
    'Last-Event-ID',
  );
}
