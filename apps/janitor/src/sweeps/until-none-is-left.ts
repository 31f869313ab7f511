import type { SweepResult } from '../sweep.js';

/**
 * Handles one item after another, each in its own transaction.
 *
 * @param sweepOne returns false when nothing is left that no other process is handling
 */
export async function untilNoneIsLeft(
  signal: AbortSignal,
  sweepOne: () => Promise<boolean>,
): Promise<SweepResult> {
  let swept = 0;
  while (!signal.aborted && (await sweepOne())) swept++;
  return { swept };
}
