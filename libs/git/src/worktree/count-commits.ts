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
  const { exitCode, stdout } = await runGit({
    purpose: `counting the commits from ${baseSha} to ${headSha}`,
    gitDir,
    args: ['rev-list', '--count', headSha, ...(isEmptyTree(baseSha) ? [] : [`^${baseSha}`])],
    expectedExitCodes: [0, 128],
    signal,
  });
  return exitCode === 0 ? Number(firstLine(stdout)) : null;
}
