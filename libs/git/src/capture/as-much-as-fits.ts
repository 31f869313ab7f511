import { fittingSums } from './fitting-sums.js';

/** What came of an attempt with some of the untracked files. */
export interface Trial {
  /** It holds nothing that could be restored: everything was over the ceiling. */
  isTooLarge: boolean;
  /** Of the patch, compressed; 0 where that is not known. */
  sizeBytes: number;
  /** Of the untracked files that it holds. */
  untrackedBytes: number;
}

/**
 * Tries with all untracked files, and else with fewer and fewer of them, until the rest fits.
 *
 * @param trial takes the sum of untracked bytes to try; undefined for what fitted before, null for all
 */
export async function asMuchAsFits<T extends Trial>(
  trial: (fittingBytes?: number | null) => Promise<T>,
  maxPatchBytes: number,
): Promise<T> {
  const whole = await trial();
  if (!whole.isTooLarge || whole.untrackedBytes === 0) return whole;
  const least = await trial(0);
  // What is tracked alone is too large: nothing is won by leaving out the rest.
  if (least.isTooLarge) return trial(null);
  for (const sum of fittingSums(whole.untrackedBytes, least.sizeBytes, maxPatchBytes)) {
    const lesser = await trial(sum);
    if (!lesser.isTooLarge) return lesser;
  }
  return trial(0);
}
