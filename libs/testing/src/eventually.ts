import { setTimeout as sleep } from 'node:timers/promises';

export interface EventuallyOptions {
  /**
   * How long to keep trying. Default: 30,000, since a busy machine may take ten times as long as a quiet one.
   */
  readonly timeoutMs?: number;
  /** The pause between two tries. Default: 25. */
  readonly intervalMs?: number;
}

/**
 * Repeats `assertion` until it no longer throws, and returns what it returned. When the time is up it throws
 * the assertion's last error, so that the test's report shows the difference and not a timeout.
 */
export async function eventually<T>(
  assertion: () => T | Promise<T>,
  options: EventuallyOptions = {},
): Promise<T> {
  const { timeoutMs = 30_000, intervalMs = 25 } = options;
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await assertion();
    } catch (error) {
      if (Date.now() >= deadline) throw withTime(error, timeoutMs);
      await sleep(intervalMs);
    }
  }
}

function withTime(error: unknown, timeoutMs: number): unknown {
  if (error instanceof Error) error.message = `Not so within ${timeoutMs} ms. ${error.message}`;
  return error;
}
