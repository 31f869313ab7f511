import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Controller, Get, HttpException, NotAcceptableException, Param, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { StoredPatch } from '#database';
import { byteRange, type ByteRange } from '../http/byte-range.js';
import { Confined } from '../http/confined.js';
import { IdPipe } from '../http/contract.pipe.js';
import { Needs } from '../http/needs.js';
import { isKnown } from '../http/entity-tag.js';
import { patchReadBytes } from '../metrics.js';
import { ReadPatch } from './read-patch.js';
import { representations, type Representation } from './representation.js';

@Controller('v1/patches')
export class PatchContentController {
  constructor(private readonly read: ReadPatch) {}

  /**
   * The bytes as they were stored, slice by slice: a gzipped diff or a git bundle. With `Accept: text/x-diff`
   * the diff, unpacked. The `ETag` of stored bytes is their sha256, and any one `Range` of them can be
   * requested. A body that breaks off is incomplete.
   */
  @Get(':id/content')
  @Needs('content')
  @Confined('patch')
  async content(
    @Param('id', IdPipe) patchId: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const patch = await this.read.find(patchId);
    const form = chooseForm(patch, request);
    response.set({ ETag: form.etag, Vary: 'Accept', 'Cache-Control': 'private, max-age=0, must-revalidate' });
    if (isKnown(request.get('If-None-Match'), form.etag)) {
      response.writeHead(304).end();
      return;
    }
    // With Node's method: Express's would add a charset.
    response.setHeader('Content-Type', form.contentType);
    response.set({
      'Content-Disposition': `attachment; filename="${form.fileName}"`,
      'Accept-Ranges': form.isStored ? 'bytes' : 'none',
    });
    const range = form.isStored ? chooseRange(patch, form, request) : 'whole';
    if (range === 'unsatisfiable') {
      response.removeHeader('Content-Disposition');
      response.set('Content-Range', `bytes */${patch.patchSizeBytes}`);
      throw new HttpException(`The patch has ${patch.patchSizeBytes} bytes. Request a part of these.`, 416);
    }
    if (range !== 'whole') {
      response.status(206).set('Content-Range', `bytes ${range.from}-${range.to}/${patch.patchSizeBytes}`);
    }
    const part = range === 'whole' ? { from: 0, to: patch.patchSizeBytes - 1 } : range;
    if (form.isStored) response.set('Content-Length', String(part.to - part.from + 1));
    if (request.method === 'HEAD') response.end();
    else await this.send(patch, part, form, response);
  }

  private async send(patch: StoredPatch, part: ByteRange, form: Representation, response: Response) {
    const bytes = Readable.from(this.counted(this.read.slices(patch, part)));
    const sending = form.isStored ? pipeline(bytes, response) : pipeline(bytes, createGunzip(), response);
    await sending.catch((error: unknown) => {
      // The client has disconnected: there is nobody to answer.
      if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
    });
  }

  private async *counted(slices: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const slice of slices) {
      patchReadBytes.inc({ over: 'http' }, slice.length);
      yield slice;
    }
  }
}

function chooseForm(patch: StoredPatch, request: Request): Representation {
  const forms = representations(patch);
  const types = forms.map(({ contentType }) => contentType);
  const accepted = request.accepts(types);
  const form = forms.find(({ contentType }) => contentType === accepted);
  if (form) return form;
  throw new NotAcceptableException(`A ${patch.format} is available as ${types.join(' or ')}.`);
}

/** A part only if it continues what the client has: with `If-Range`, if the bytes are the same. */
function chooseRange(patch: StoredPatch, form: Representation, request: Request) {
  const ifRange = request.get('If-Range');
  if (ifRange !== undefined && ifRange !== form.etag) return 'whole';
  return byteRange(request.get('Range'), patch.patchSizeBytes);
}
