import { errorCauses, sqlState } from '#runtime';
import { QueryRunnerAlreadyReleasedError } from 'typeorm';

/** Postgres is unreachable, or the answer was lost with the connection. The same work may succeed later. */
export class DatabaseUnavailableError extends Error {
  override readonly name = 'DatabaseUnavailableError';
}

export { sqlState };

/**
 * True if the work failed because Postgres is unreachable, starting, stopping, or out of space: not the fault
 * of the work. The classes are those of the Postgres manual, appendix A; 25006 is a primary that became a
 * standby.
 */
export function isUnavailable(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== undefined) return /^(?:08|53|57P|58|XX)/.test(state) || state === '25006';
  return errorCauses(error).some(
    (cause) =>
      cause instanceof DatabaseUnavailableError ||
      cause instanceof QueryRunnerAlreadyReleasedError ||
      /^E(?:CONN|PIPE|HOST|NET|AI_AGAIN|NOTFOUND|TIMEDOUT)/.test((cause as { code?: string }).code ?? '') ||
      /connection terminated|timeout exceeded when trying to connect|connection timeout|not queryable/i.test(
        (cause as Error).message ?? '',
      ),
  );
}

/** True on a conflict with another transaction: the same work may simply be tried again. */
export function isTransactionConflict(error: unknown): boolean {
  const state = sqlState(error);
  return state === '40001' || state === '40P01' || state === '55P03';
}

/** True when Postgres refuses the data itself: it would refuse it again. */
export function isDataRefused(error: unknown): boolean {
  return /^(?:22|23)/.test(sqlState(error) ?? '');
}

/**
 * The message of an error whose own may be empty, like that of an AggregateError of two refused connections.
 */
export function firstMessage(error: unknown): string {
  return (
    errorCauses(error)
      .map((cause) => (cause as Error).message)
      .find(Boolean) ?? String(error)
  );
}
