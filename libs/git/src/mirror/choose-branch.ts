import { GitError } from '../run/git-error.js';
import { runGit } from '../run/run-git.js';

const MAX_CANDIDATES = 1000;

/**
 * Chooses the branch of a task so that its pushes never meet what others have on the source: when the source
 * has a branch of the wanted name with commits that the task does not start from, a number is added.
 *
 * @param gitDir the task's own repository, with the remote-tracking refs and the start commit
 * @param startSha null for a branch that stays unborn
 */
export async function chooseBranch(
  gitDir: string,
  wanted: string,
  startSha: string | null,
  signal?: AbortSignal,
): Promise<string> {
  for (let number = 1; number <= MAX_CANDIDATES; number += 1) {
    const name = number === 1 ? wanted : `${wanted}-${number}`;
    if (!(await hasOtherCommits(gitDir, `refs/remotes/origin/${name}`, startSha, signal))) return name;
  }
  throw new GitError('BAD_REF', `The source has ${MAX_CANDIDATES} branches named like ${wanted}.`, {
    nextStep: 'Delete those that are no longer needed, or name another branch for the task.',
  });
}

async function hasOtherCommits(
  gitDir: string,
  ref: string,
  startSha: string | null,
  signal?: AbortSignal,
): Promise<boolean> {
  const call = { purpose: `comparing ${ref} with the start in ${gitDir}`, gitDir, signal };
  const exists = await runGit({
    ...call,
    args: ['rev-parse', '--verify', '--quiet', '--end-of-options', ref],
    expectedExitCodes: [0, 1],
  });
  if (exists.exitCode !== 0) return false;
  if (startSha === null) return true;
  const contained = await runGit({
    ...call,
    args: ['merge-base', '--is-ancestor', ref, startSha],
    expectedExitCodes: [0, 1],
  });
  return contained.exitCode !== 0;
}
