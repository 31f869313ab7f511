import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { ForbiddenException, UnauthorizedException } from '@nestjs/common';
import { ADMIN, noteCaller, type Caller } from './caller.js';

/**
 * What anyone may request: probes and metrics, which reveal nothing about tasks, the description of the API,
 * and the page to try it.
 */
const OPEN = /^\/(?:healthz|readyz|metrics|openapi\.json|docs(?:\/[\w-]+\.(?:js|css|png))?)(?:\?|$)/;

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** As it is written, and not as a URL parser reads it, which takes `user@localhost` and `0x7f.1` as well. */
const LOOPBACK_HOST = /^(?:https?:\/\/)?(?<name>[^:]+|\[::1\])(?::\d{1,5})?$/i;

/**
 * Refuses callers who may not use the API, before a body is read, and notes who the others are.
 *
 * @param token the one that opens all of it. Absent: anyone who reaches the loopback address may use the API,
 *   except web pages: they make a browser send requests (another `Origin`), or resolve a name of theirs to
 *   our address (another `Host`)
 * @param findCaller whose another token is; undefined: nobody's
 */
export function requireAccess(
  token: string | undefined,
  findCaller: (token: string) => Promise<Caller | undefined>,
) {
  const prove = async (request: IncomingMessage): Promise<Caller> => {
    if (token === undefined) return requireProgram(request.headers);
    const given = bearerOf(request.headers.authorization);
    if (given !== undefined && isSame(given, token)) return ADMIN;
    const caller = given === undefined ? undefined : await findCaller(given);
    if (caller !== undefined) return caller;
    throw new UnauthorizedException(
      'Send "Authorization: Bearer" with the token of PATCHPOINT_API_TOKEN, or one of `patchpoint token create`. ' +
        'A `patchpoint up` keeps its own in credentials/api-token of its data folder.',
    );
  };
  // Express passes on what this throws.
  return async (request: IncomingMessage, response: ServerResponse, next: () => void): Promise<void> => {
    if (!isOpen(request)) {
      response.setHeader('WWW-Authenticate', 'Bearer realm="patchpoint"');
      noteCaller(request, await prove(request));
      response.removeHeader('WWW-Authenticate');
    }
    next();
  };
}

/** Whether anyone may request this. */
export function isOpen({ url }: { url?: string | undefined }): boolean {
  return OPEN.test(url ?? '');
}

function bearerOf(authorization: string | undefined): string | undefined {
  return /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
}

/** Compares digests, so that the time it takes reveals nothing about the token, not even its length. */
function isSame(given: string, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

/** Whether only this machine can reach the address. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host) || host === '::1';
}

function requireProgram(headers: IncomingHttpHeaders): Caller {
  const { host = '', origin = host } = headers;
  const isOurs = [host, origin].every((each) => isLoopbackName(each));
  if (isOurs && headers['sec-fetch-site'] !== 'cross-site') return ADMIN;
  throw new ForbiddenException(
    'Without PATCHPOINT_API_TOKEN this API only answers under a loopback name, and not to other web pages.',
  );
}

function isLoopbackName(host: string): boolean {
  const name = LOOPBACK_HOST.exec(host)?.groups?.['name'];
  return name !== undefined && LOOPBACK.test(name.toLowerCase());
}
