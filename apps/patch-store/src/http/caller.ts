import type { IncomingMessage } from 'node:http';
import type { Scope } from '#contracts';

/** On whose behalf a request is made. */
export interface Caller {
  /** Null: the token of PATCHPOINT_API_TOKEN, or anyone where none is asked for. */
  readonly tokenId: string | null;
  readonly scopes: readonly Scope[];
}

/** Who may do everything. */
export const ADMIN: Caller = { tokenId: null, scopes: ['admin'] };

const callers = new WeakMap<IncomingMessage, Caller>();

/** Notes whose request this is, once that is proven. */
export function noteCaller(request: IncomingMessage, caller: Caller): void {
  callers.set(request, caller);
}

/** Undefined: nobody has proven anything. */
export function callerOf(request: IncomingMessage): Caller | undefined {
  return callers.get(request);
}
