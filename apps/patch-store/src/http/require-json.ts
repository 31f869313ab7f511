import type { IncomingMessage, ServerResponse } from 'node:http';
import { UnsupportedMediaTypeException, type HttpException } from '@nestjs/common';

/** Refuses a body of another type: it would not be read, and treated as empty. */
export function requireJson(
  { headers }: IncomingMessage,
  _response: ServerResponse,
  next: (error?: HttpException) => void,
): void {
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  const type = headers['content-type'] ?? '';
  if (!hasBody || /^application\/json\s*(?:;|$)/i.test(type)) return next();
  next(new UnsupportedMediaTypeException(`Send the body as application/json, not as "${type}".`));
}
