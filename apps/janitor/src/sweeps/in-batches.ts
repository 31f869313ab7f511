import type { SweepResult } from '../sweep.js';

/**
 * Handles items in batches, one statement or transaction each, until a batch is not full.
 *
 * @param sweepBatch returns how many items it handled, at most `batchSize`
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
