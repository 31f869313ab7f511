import { describeWorktree, type WorktreeDescription } from './describe-worktree.js';
import type { Omission } from './omission.js';
import type { StagingLimits } from './plan-staging.js';
import { firstLine, runGit } from './run-git.js';
import { forgetSeed, keepSeed, seedIndex } from './seed-index.js';
import { serialize } from './serialize.js';
import { openShadow, type Shadow } from './shadow.js';
import { stageWorktree } from './stage-worktree.js';
import { findUserExcludes } from './user-excludes.js';

export const NO_LIMITS: StagingLimits = {
  untrackedFileLimitBytes: Infinity,
  untrackedTotalLimitBytes: Infinity,
};

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

export interface Snapshot {
  shadow: Shadow;
  treeSha: string;
  omissions: Omission[];
}

/** Writes what lies in a worktree as a tree into its shadow. One at a time per shadow: callers hold its `serialize` key. */
export async function snapshotTree(
  worktree: WorktreeDescription,
  shadowDir: string,
  limits: StagingLimits,
  signal?: AbortSignal,
): Promise<Snapshot> {
  const [shadow, excludesFile] = await Promise.all([
    openShadow({
      shadowDir,
      worktreeDir: worktree.worktreeDir,
      alternates: [worktree.objectsDir],
      objectFormat: worktree.objectFormat,
      excludeFile: worktree.excludeFile,
      signal,
    }),
    findUserExcludes(worktree.worktreeDir, signal),
  ]);
  const seed = await seedIndex(worktree, shadow, signal);
  const index = {
    gitDir: shadow.gitDir,
    workTree: worktree.worktreeDir,
    indexFile: shadow.indexFile,
    config: [`core.excludesFile=${excludesFile}`],
    signal,
  };
  try {
    const staged = await stageWorktree(index, seed.added, limits);
    const { stdout } = await runGit({
      ...index,
      purpose: `writing the tree of ${worktree.worktreeDir}`,
      // A partial clone lacks blobs that nobody has touched.
      args: ['write-tree', '--missing-ok'],
    });
    await keepSeed(shadow, { signature: seed.signature, added: staged.untracked });
    return { shadow, treeSha: firstLine(stdout), omissions: staged.omissions };
  } catch (error) {
    await forgetSeed(shadow);
    throw error;
  }
}
