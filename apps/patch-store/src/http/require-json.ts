import type { IncomingMessage, ServerResponse } from 'node:http';
import { UnsupportedMediaTypeException, type HttpException } from '@nestjs/common';

/** Refuses a body that is no JSON in UTF-8, before it is read. */
export function requireJson(
  { headers }: IncomingMessage,
  _response: ServerResponse,
  next: (error?: HttpException) => void,
): void {
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  const type = headers['content-type'] ?? '';
  if (!hasBody || (/^application\/json\s*(?:;|$)/i.test(type) && isUtf8(type))) return next();
  next(new UnsupportedMediaTypeException(`Send the body as application/json in UTF-8, not as "${type}".`));
}

function isUtf8(type: string): boolean {
  const charset = /;\s*charset\s*=\s*"?([^\s";]*)/i.exec(type)?.[1];
  return charset === undefined || /^utf-?8$/i.test(charset);
}
