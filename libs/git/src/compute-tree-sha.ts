import { describeWorktree } from './describe-worktree.js';
import { NO_LIMITS } from './plan-staging.js';
import { serialize } from './serialize.js';
import { snapshotTree } from './snapshot-tree.js';

/**
 * The tree of what lies in a worktree now, by which two states are the same or not. The worktree's own index, refs and
 * configuration stay untouched.
 */
export async function computeTreeSha(request: {
  worktreeDir: string;
  shadowDir: string;
  signal?: AbortSignal;
}): Promise<string> {
  const worktree = await describeWorktree(request.worktreeDir, request.signal);
  return serialize(request.shadowDir, async () => {
    const { treeSha } = await snapshotTree(worktree, request.shadowDir, NO_LIMITS, request.signal);
    return treeSha;
  });
}
