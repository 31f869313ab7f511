import type { SweepResult } from '../sweep.js';

/**
 * Deals with many things in one statement or transaction, and with the next as many, until a batch was not
 * full.
 *
 * @param sweepBatch returns how many it dealt with, at most `batchSize`
 */
export async function inBatches(
  signal: AbortSignal,
  batchSize: number,
  sweepBatch: () => Promise<number>,
): Promise<SweepResult> {
  let swept = 0;
  while (!signal.aborted) {
    const count = await sweepBatch();
    swept += count;
    if (count < batchSize) break;
  }
  return { swept };
}
