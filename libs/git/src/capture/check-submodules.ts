import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { describeWorktree, type WorktreeDescription } from '../worktree/describe-worktree.js';
import { joinPath, lookAt } from '../worktree/lstat-path.js';
import { omit, type Omission } from '../values/omission.js';
import { NO_LIMITS } from '../staging/plan-staging.js';
import { runGit } from '../run/run-git.js';
import { emptyTreeOf } from '../values/sha.js';
import type { Shadow } from '../shadow/shadow.js';
import { snapshotTree } from '../shadow/snapshot-tree.js';

/**
 * Reports submodules whose contents a patch does not carry: a patch holds only the commit that each of them
 * is at.
 *
 * They are looked into through shadows of their own, because `git status` in a submodule runs what its
 * configuration names.
 */
export async function checkSubmodules(
  worktree: WorktreeDescription,
  submodules: readonly Buffer[],
  shadow: Shadow,
  signal?: AbortSignal,
): Promise<Omission[]> {
  const omissions: Omission[] = [];
  for (const path of submodules) {
    const isPopulated =
      (await lookAt(worktree.worktreeDir, Buffer.concat([path, Buffer.from('/.git')]))) !== null;
    if (isPopulated) omissions.push(...(await checkSubmodule(worktree, path, shadow, signal)));
  }
  return omissions;
}

async function checkSubmodule(
  worktree: WorktreeDescription,
  path: Buffer,
  shadow: Shadow,
  signal?: AbortSignal,
): Promise<Omission[]> {
  const name = createHash('sha256').update(path).digest('hex').slice(0, 16);
  try {
    const submodule = await describeWorktree(joinPath(worktree.worktreeDir, path).toString('utf8'), signal);
    const shadowDir = join(shadow.gitDir, 'submodules', `${name}.git`);
    const base = { baseSha: submodule.headSha ?? emptyTreeOf(submodule.objectFormat) };
    const inner = await snapshotTree(submodule, shadowDir, NO_LIMITS, base, signal);
    const isDirty = inner.treeSha !== submodule.headTreeSha;
    const isPushed = await isOnRemote(submodule, signal);
    const within = await checkSubmodules(submodule, inner.submodules, inner.shadow, signal);
    return [
      ...(isDirty ? [omit(path, 'dirty-submodule')] : []),
      ...(isPushed ? [] : [omit(path, 'unpushed-submodule')]),
      ...[...inner.omissions, ...within].map(({ path: inside, reason }) => ({
        path: `${path.toString('utf8')}/${inside}`,
        reason,
      })),
    ];
  } catch {
    signal?.throwIfAborted();
    return [omit(path, 'unreadable')];
  }
}

/** Whether others can fetch the commit that the submodule is at. */
async function isOnRemote(submodule: WorktreeDescription, signal?: AbortSignal): Promise<boolean> {
  if (submodule.headSha === null) return false;
  const { stdout } = await runGit({
    purpose: `looking for the remote branches that hold HEAD of ${submodule.worktreeDir}`,
    gitDir: submodule.gitDir,
    args: [
      'for-each-ref',
      '--count=1',
      `--contains=${submodule.headSha}`,
      '--format=%(refname)',
      'refs/remotes/',
    ],
    signal,
  });
  return stdout.length > 0;
}
