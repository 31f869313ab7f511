import { describeWorktree } from '../worktree/describe-worktree.js';
import { findBase } from '../worktree/find-base.js';
import { NO_LIMITS } from '../staging/plan-staging.js';
import { runExclusive } from '../run/run-exclusive.js';
import { requireSha } from '../values/sha.js';
import { snapshotTree } from './snapshot-tree.js';

/**
 * The tree of a worktree's current files; two states are the same if their trees are. The worktree's own
 * index, refs and configuration stay untouched.
 *
 * @param request.baseSha of the capture to compare with; by default the base that a capture would find. Files
 *   that differ from it are in the tree as their bytes on disk, the others as the base has them.
 */
export async function computeTreeSha(request: {
  worktreeDir: string;
  shadowDir: string;
  baseSha?: string;
  signal?: AbortSignal;
}): Promise<string> {
  const { shadowDir, signal } = request;
  if (request.baseSha !== undefined) requireSha(request.baseSha, 'baseSha');
  const worktree = await describeWorktree(request.worktreeDir, signal);
  const base =
    request.baseSha === undefined ? await findBase(worktree, {}, signal) : { baseSha: request.baseSha };
  return runExclusive(shadowDir, async () => {
    const { treeSha } = await snapshotTree(worktree, shadowDir, NO_LIMITS, base, signal);
    return treeSha;
  });
}
