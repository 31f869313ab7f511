/**
 * Sums of untracked bytes to try, one after another, until the checkpoint of what is within them fits. Pure.
 *
 * What the rest compresses to is not known before it was tried: text to a fifth of its size, pictures not at
 * all. The third sum leaves room for what does not compress at all.
 *
 * @param untrackedBytes with which it did not fit
 * @param restBytes compressed, without any untracked file
 */
export function fittingSums(untrackedBytes: number, restBytes: number, maxPatchBytes: number): number[] {
  const room = Math.max(0, maxPatchBytes - restBytes);
  const sums = [4 * room, 2 * room, 0.95 * room, 0.5 * room, 0.1 * room].map(Math.floor);
  return sums.filter((sum) => sum > 0 && sum < untrackedBytes);
}
