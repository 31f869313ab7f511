import type { IncomingMessage } from 'node:http';
import { createParamDecorator, UnauthorizedException, type ExecutionContext } from '@nestjs/common';
import type { Scope } from '#contracts';
import { EVERY_TASK, type Viewer } from '#database';

/** On whose behalf a request is made, and which tasks there are for them. */
export interface Caller extends Viewer {
  /** Null: the token of PATCHPOINT_API_TOKEN, or anyone where none is asked for. */
  readonly tokenId: string | null;
  readonly scopes: readonly Scope[];
}

/** Who may do everything. */
export const ADMIN: Caller = { tokenId: null, scopes: ['admin'], ...EVERY_TASK };

const callers = new WeakMap<IncomingMessage, Caller>();

/** Notes whose request this is, once that is proven. */
export function noteCaller(request: IncomingMessage, caller: Caller): void {
  callers.set(request, caller);
}

/** @throws UnauthorizedException when nobody has proven anything */
export function requireCaller(request: IncomingMessage): Caller {
  const caller = callers.get(request);
  if (caller === undefined) throw new UnauthorizedException();
  return caller;
}

/** Gives a handler who asks. */
export const Asking = createParamDecorator((_: unknown, context: ExecutionContext) =>
  requireCaller(context.switchToHttp().getRequest<IncomingMessage>()),
);
