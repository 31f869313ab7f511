import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits until a promise is settled, either way, but no longer than so many milliseconds. For goodbyes: a
 * server that does not answer must not hold up a stop.
 *
 * @returns whether it was settled in time
 */
export async function settledWithin(milliseconds: number, promise: Promise<unknown>): Promise<boolean> {
  const timer = new AbortController();
  const settled = promise.then(
    () => true,
    () => true,
  );
  const timeIsUp = sleep(milliseconds, false, { signal: timer.signal }).catch(() => false);
  try {
    return await Promise.race([settled, timeIsUp]);
  } finally {
    timer.abort();
  }
}
