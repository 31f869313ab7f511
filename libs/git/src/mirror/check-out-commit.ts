import { runGit } from '../run/run-git.js';

/**
 * Puts a repository that was made a moment ago, and whose configuration is ours alone, on a branch at a
 * commit.
 */
export async function checkOutCommit(request: {
  gitDir: string;
  worktreeDir: string;
  branchName: string;
  headSha: string;
  signal?: AbortSignal | undefined;
}): Promise<void> {
  const { gitDir, worktreeDir, branchName, headSha, signal } = request;
  const call = { gitDir, workTree: worktreeDir, signal };
  await runGit({
    ...call,
    purpose: `putting ${branchName} of ${worktreeDir} on ${headSha}`,
    args: ['update-ref', `refs/heads/${branchName}`, headSha],
  });
  await runGit({
    ...call,
    purpose: `checking out ${headSha} in ${worktreeDir}`,
    // Files are written by as many processes as there are cores: the larger part of a restore.
    config: ['checkout.workers=0'],
    args: ['read-tree', '--reset', '-u', headSha],
  });
}
