import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { ForbiddenException, UnauthorizedException, type HttpException } from '@nestjs/common';

/**
 * What anyone may request: probes and metrics, which reveal nothing about tasks, the description of the API,
 * and the page to try it.
 */
const OPEN = /^\/(?:healthz|readyz|metrics|openapi\.json|docs(?:\/[\w-]+\.(?:js|css|png))?)(?:\?|$)/;

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** As it is written, and not as a URL parser reads it, which takes `user@localhost` and `0x7f.1` as well. */
const LOOPBACK_HOST = /^(?:https?:\/\/)?(?<name>[^:]+|\[::1\])(?::\d{1,5})?$/i;

/**
 * Refuses callers who may not use the API, before a body is read.
 *
 * @param token what every request must contain. Absent: anyone who reaches the loopback address may use the
 *   API, except web pages: they make a browser send requests (another `Origin`), or resolve a name of theirs
 *   to our address (another `Host`)
 */
export function requireAccess(token: string | undefined) {
  return (
    request: IncomingMessage,
    response: ServerResponse,
    next: (error?: HttpException) => void,
  ): void => {
    if (OPEN.test(request.url ?? '')) return next();
    if (token === undefined) return next(refusalOfPage(request.headers));
    if (bringsToken(request.headers.authorization, token)) return next();
    response.setHeader('WWW-Authenticate', 'Bearer realm="patchpoint"');
    next(new UnauthorizedException('Send "Authorization: Bearer" with the token of PATCHPOINT_API_TOKEN.'));
  };
}

/** Compares digests, so that the time it takes reveals nothing about the token, not even its length. */
export function bringsToken(authorization: string | undefined, token: string): boolean {
  const [, given] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
  if (given === undefined) return false;
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

/** Whether only this machine can reach the address. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host) || host === '::1';
}

function refusalOfPage(headers: IncomingHttpHeaders): HttpException | undefined {
  const { host = '', origin = host } = headers;
  const isOurs = [host, origin].every((each) => isLoopbackName(each));
  if (isOurs && headers['sec-fetch-site'] !== 'cross-site') return undefined;
  return new ForbiddenException(
    'Without PATCHPOINT_API_TOKEN this API only answers under a loopback name, and not to other web pages.',
  );
}

function isLoopbackName(host: string): boolean {
  const name = LOOPBACK_HOST.exec(host)?.groups?.['name'];
  return name !== undefined && LOOPBACK.test(name.toLowerCase());
}
