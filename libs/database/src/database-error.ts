import { QueryRunnerAlreadyReleasedError } from 'typeorm';

/** Postgres is unreachable, or the answer was lost with the connection. The same work may succeed later. */
export class DatabaseUnavailableError extends Error {
  override readonly name = 'DatabaseUnavailableError';
}

/** SQLSTATE of the error that Postgres reported, anywhere down its causes. */
export function sqlState(error: unknown): string | undefined {
  for (const cause of causes(error)) {
    const { code } = cause as { code?: unknown };
    if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)) return code;
  }
  return undefined;
}

/**
 * True if the work failed because Postgres is unreachable, starting, stopping, or out of space: not the fault
 * of the work. The classes are those of the Postgres manual, appendix A; 25006 is a primary that became a
 * standby.
 */
export function isUnavailable(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== undefined) return /^(?:08|53|57P|58|XX)/.test(state) || state === '25006';
  return causes(error).some(
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
    causes(error)
      .map((cause) => (cause as Error).message)
      .find(Boolean) ?? String(error)
  );
}

function causes(error: unknown): object[] {
  const found: object[] = [];
  let current: unknown = error;
  while (typeof current === 'object' && current !== null && !found.includes(current)) {
    found.push(current);
    const { cause, driverError, errors } = current as {
      cause?: unknown;
      driverError?: unknown;
      errors?: unknown[];
    };
    current = driverError ?? cause ?? errors?.[0];
  }
  return found;
}
