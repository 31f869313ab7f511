import { join } from 'node:path';
import { runGit } from '../run/run-git.js';

/**
 * Puts a repository that was made a moment ago, and that has no configuration of its own yet, on a branch at
 * a commit.
 */
export async function checkOutCommit(
  worktreeDir: string,
  branchName: string,
  headSha: string,
  signal?: AbortSignal,
): Promise<void> {
  const call = { gitDir: join(worktreeDir, '.git'), workTree: worktreeDir, signal };
  await runGit({
    ...call,
    purpose: `putting ${branchName} of ${worktreeDir} on ${headSha}`,
    args: ['update-ref', `refs/heads/${branchName}`, headSha],
  });
  await runGit({
    ...call,
    purpose: `checking out ${headSha} in ${worktreeDir}`,
    args: ['read-tree', '--reset', '-u', headSha],
  });
}
