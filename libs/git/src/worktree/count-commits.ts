import { Remembered } from '../run/remembered.js';
import { firstLine, runGit } from '../run/run-git.js';
import { isEmptyTree } from '../values/sha.js';

/**
 * Counts the commits that lead from a base to a head.
 *
 * @param gitDir without the `shallow` file of the repository, so that a truncated history is noticed
 * @param headSha null if there is no commit
 * @returns null if some of the history is missing
 */
export async function countCommits(
  gitDir: string,
  baseSha: string,
  headSha: string | null,
  signal?: AbortSignal,
): Promise<number | null> {
  if (headSha === null || headSha === baseSha) return 0;
  const key = [gitDir, baseSha, headSha].join('\n');
  const known = counts.get(key);
  if (known !== undefined) return known;
  const { exitCode, stdout } = await runGit({
    purpose: `counting the commits from ${baseSha} to ${headSha}`,
    gitDir,
    args: ['rev-list', '--count', headSha, ...(isEmptyTree(baseSha) ? [] : [`^${baseSha}`])],
    expectedExitCodes: [0, 128],
    signal,
  });
  if (exitCode !== 0) return null;
  const count = Number(firstLine(stdout));
  counts.set(key, count);
  return count;
}

/** A history that is complete stays as it is. */
const counts = new Remembered<number>(1000);
