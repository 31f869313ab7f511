import { setTimeout as sleep } from 'node:timers/promises';
import { PatchStoreError, PatchStoreUnreachable } from './patch-store.error.js';

/**
 * The wait before each further try: time for another replica to take over, or for the only one to restart.
 */
const WAITS_MILLISECONDS = [250, 500, 1000, 2000];

/**
 * Sends a request that may be sent any number of times, and sends it again if its connection breaks.
 *
 * There is no wait for a server that cannot be reached in the first place: people should learn of that at
 * once. Nor for one that is slow: it may be working on the request.
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

/** Cut again, briefly unreachable, or still working on the try whose connection broke. */
function mayPass(error: unknown): boolean {
  if (error instanceof PatchStoreError) return error.code === 'IDEMPOTENCY_KEY_IN_PROGRESS';
  return error instanceof PatchStoreUnreachable && !error.isTimeout();
}
