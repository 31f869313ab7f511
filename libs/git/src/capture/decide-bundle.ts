/**
 * - `auto`: where it brings something that the diff does not, or is much smaller
 * - `always`: with every capture
 * - `never`
 */
export type BundleMode = 'auto' | 'always' | 'never';

/**
 * Below this a diff is not worth a second look: deleting one file of 3 MB is 3.14 MB of gzipped diff and 625
 * bytes of bundle.
 */
const SMALL_DIFF_BYTES = 64 * 1024;

/**
 * A history that nothing of is on a remote may be that of a whole project; packing it on every heartbeat
 * takes seconds.
 */
const MAX_COMMITS_UNASKED = 10_000;

/**
 * Decides whether a capture gets a bundle, and how large it may be. Pure.
 *
 * @param facts.diffSizeBytes compressed; null when it was over the limit
 * @param facts.commitsCount between base and HEAD; null when the history there is not complete (a shallow
 *   clone)
 * @returns null for no bundle
 */
export function decideBundleCeiling(
  mode: BundleMode,
  facts: { diffSizeBytes: number | null; commitsCount: number | null; maxPatchBytes: number },
): number | null {
  const { diffSizeBytes, commitsCount, maxPatchBytes } = facts;
  if (mode === 'never' || commitsCount === null) return null;
  if (mode === 'always') return maxPatchBytes;
  if (commitsCount > MAX_COMMITS_UNASKED) return null;
  if (commitsCount > 0 || diffSizeBytes === null) return maxPatchBytes;
  return diffSizeBytes > SMALL_DIFF_BYTES ? Math.floor(diffSizeBytes / 2) : null;
}
