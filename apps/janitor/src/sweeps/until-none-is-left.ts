import type { SweepResult } from '../sweep.js';

/**
 * Deals with one thing after another, each in a transaction of its own.
 *
 * @param sweepOne returns false when there is nothing left that no other process is at
 */
export async function untilNoneIsLeft(
  signal: AbortSignal,
  sweepOne: () => Promise<boolean>,
): Promise<SweepResult> {
  let swept = 0;
  while (!signal.aborted && (await sweepOne())) swept++;
  return { swept };
}
