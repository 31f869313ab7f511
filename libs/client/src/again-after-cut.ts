import { setTimeout as sleep } from 'node:timers/promises';
import { PatchStoreError, PatchStoreUnreachable } from './patch-store.error.js';

/**
 * Before each try after the first: time for another replica to take over, or for the only one to start again.
 */
const WAITS_MILLISECONDS = [250, 500, 1000, 2000];

/**
 * Makes a request that may be sent any number of times, and makes it again when its connection breaks.
 *
 * A server that cannot be reached in the first place is not waited for: a person shall hear of that at once.
 * Nor is one that takes its time: it may be at work on the request.
 *
 * @throws what `request` throws; when no try is left, how the connection broke
 */
export async function againAfterCut<T>(
  request: () => Promise<T>,
  waitsMilliseconds: readonly number[] = WAITS_MILLISECONDS,
): Promise<T> {
  let cut: unknown;
  for (const wait of waitsMilliseconds) {
    try {
      return await request();
    } catch (error) {
      if (isCut(error)) cut ??= error;
      if (cut === undefined || !mayPass(error)) throw error;
      await sleep(wait);
    }
  }
  return request().catch((error: unknown) => {
    throw cut !== undefined && mayPass(error) ? cut : error;
  });
}

function isCut(error: unknown): boolean {
  return error instanceof PatchStoreUnreachable && error.isCut();
}

/** Cut again, not there for a moment, or still at work on the try whose connection broke. */
function mayPass(error: unknown): boolean {
  if (error instanceof PatchStoreError) return error.code === 'IDEMPOTENCY_KEY_IN_PROGRESS';
  return error instanceof PatchStoreUnreachable && !error.isTimeout();
}
