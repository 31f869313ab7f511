import { ContractError, type ErrorReply } from '#contracts';
import { TooManyRequestsError } from './fair-requests.js';

/**
 * What a requester learns about an error: the code of what it did wrong, or no more than that the fault is
 * ours.
 */
export function errorReplyFor(error: unknown): ErrorReply {
  if (error instanceof ContractError) {
    const { code, message, path } = error;
    return { error: { code, message, ...(path !== undefined && { path }) } };
  }
  if (error instanceof TooManyRequestsError) {
    return { error: { code: 'BUSY', message: `${error.message} Ask again later.` } };
  }
  return {
    error: { code: 'INTERNAL', message: 'The server could not answer. Ask again later; its log says why.' },
  };
}
