import { open } from 'node:fs/promises';
import { GitError } from '../run/git-error.js';
import { findUnreadableTracked } from './find-unreadable-tracked.js';
import {
  listIgnored,
  listTrackedChanges,
  listUntracked,
  type IndexLocation,
  type TrackedChange,
} from './list-changes.js';
import { LinkedFolders } from '../worktree/linked-folders.js';
import { joinPath, lookAtEach, lstatPath } from '../worktree/lstat-path.js';
import type { Omission } from '../values/omission.js';
import {
  planStaging,
  type StagingFacts,
  type StagingLimits,
  type StagingPlan,
  type UntrackedFile,
} from './plan-staging.js';
import { nulTerminated, runGit } from '../run/run-git.js';

export interface Staged {
  /** Paths that were hashed from the disk. */
  update: Buffer[];
  remove: Buffer[];
  /** Untracked paths that are now in the index. */
  untracked: Buffer[];
  omissions: Omission[];
}

export interface Changes {
  facts: StagingFacts;
  plan: StagingPlan;
}

/**
 * Brings an index up to date with the disk: tracked changes, deletions, and untracked files that are not
 * ignored.
 *
 * Differences are listed (as fast as `git status`), decided upon, and only then hashed, so that a path that
 * git refuses becomes an omission and does not end the capture, as it would with `git add -A`.
 *
 * @param alreadyAdded untracked paths that earlier runs have added to this index
 */
export async function stageWorktree(
  index: IndexLocation & { workTree: string },
  alreadyAdded: readonly Buffer[],
  limits: StagingLimits,
): Promise<Staged> {
  return stageChanges(index, await findChanges(index, alreadyAdded, limits), limits);
}

/** The first half of `stageWorktree`, which changes nothing. */
export async function findChanges(
  index: IndexLocation & { workTree: string },
  alreadyAdded: readonly Buffer[],
  limits: StagingLimits,
): Promise<Changes> {
  const [tracked, listing, earlier] = await Promise.all([
    findTrackedChanges(index),
    listUntracked(index),
    reviewAdded(index, alreadyAdded),
  ]);
  const isFolder = (path: Buffer): boolean => path.at(-1) === 0x2f;
  const found = await lookUp(
    index.workTree,
    listing.paths.filter((path) => !isFolder(path)),
    false,
  );
  const facts = {
    trackedChanges: tracked.changes,
    untrackedFiles: [...earlier.files, ...found.files],
    nestedRepositories: listing.paths.filter(isFolder),
    unreadable: [...listing.unreadableFolders, ...tracked.denied, ...found.denied, ...earlier.denied],
    withdrawn: earlier.gone,
  };
  return { facts, plan: planStaging(facts, limits) };
}

async function findTrackedChanges(
  index: IndexLocation & { workTree: string },
): Promise<{ changes: TrackedChange[]; denied: Buffer[] }> {
  const { changes, isComplete } = await listTrackedChanges(index);
  if (isComplete) return { changes, denied: [] };
  const { gone, denied } = await findUnreadableTracked(index);
  return {
    changes: [...changes, ...gone.map((path) => ({ path, gone: true, becameRepository: false }))],
    denied,
  };
}

/** The second half of `stageWorktree`. */
export async function stageChanges(
  index: IndexLocation & { workTree: string },
  { facts, plan }: Changes,
  limits: StagingLimits,
): Promise<Staged> {
  try {
    await applyPlan(index, plan);
    return plan;
  } catch (error) {
    const { unreadable, notFiles } = await findCulprits(index.workTree, plan.update);
    if (!(error instanceof GitError) || unreadable.length + notFiles.length === 0) throw error;
    const lesser = planStaging(
      {
        ...facts,
        withdrawn: [...facts.withdrawn, ...notFiles],
        unreadable: [...facts.unreadable, ...unreadable],
      },
      limits,
    );
    await applyPlan(index, lesser);
    return lesser;
  }
}

async function applyPlan(index: IndexLocation, plan: StagingPlan): Promise<void> {
  if (plan.remove.length > 0) {
    await runGit({
      ...index,
      purpose: `removing ${plan.remove.length} paths from the index of ${index.gitDir}`,
      args: ['update-index', '--force-remove', '-z', '--stdin'],
      input: nulTerminated(plan.remove),
    });
  }
  if (plan.update.length > 0) {
    await runGit({
      ...index,
      purpose: `hashing ${plan.update.length} files of ${index.workTree}`,
      args: ['update-index', '--add', '--remove', '--replace', '-z', '--stdin'],
      input: nulTerminated(plan.update),
    });
  }
}

interface Found {
  files: UntrackedFile[];
  gone: Buffer[];
  denied: Buffer[];
}

async function lookUp(worktreeDir: string, paths: readonly Buffer[], staged: boolean): Promise<Found> {
  const found: Found = { files: [], gone: [], denied: [] };
  await lookAtEach(worktreeDir, paths, (path, stat) => {
    if (stat === 'denied') {
      found.denied.push(path);
      if (staged) found.files.push({ path, sizeBytes: 0, isSymlink: false, staged });
    } else if (stat?.isFile() || stat?.isSymbolicLink()) {
      found.files.push({ path, sizeBytes: Number(stat.size), isSymlink: stat.isSymbolicLink(), staged });
    } else found.gone.push(path);
  });
  return found;
}

/** Checks what earlier captures added: files that are now ignored, or gone, no longer belong to the state. */
async function reviewAdded(
  index: IndexLocation & { workTree: string },
  paths: readonly Buffer[],
): Promise<Found> {
  const linkedFolders = new LinkedFolders(index.workTree);
  const reachable: Buffer[] = [];
  const gone: Buffer[] = [];
  for (const path of paths) {
    ((await linkedFolders.isBehindLink(path)) ? gone : reachable).push(path);
  }
  const ignored = await listIgnored(index, reachable);
  const ignoredKeys = new Set(ignored.map((path) => path.toString('latin1')));
  const remaining = reachable.filter((path) => !ignoredKeys.has(path.toString('latin1')));
  const known = await lookUp(index.workTree, remaining, true);
  return { ...known, gone: [...gone, ...ignored, ...known.gone] };
}

/** After git has refused to hash some of the paths (it does not name them in a parseable way). */
async function findCulprits(
  worktreeDir: string,
  paths: readonly Buffer[],
): Promise<{ unreadable: Buffer[]; notFiles: Buffer[] }> {
  const unreadable: Buffer[] = [];
  const notFiles: Buffer[] = [];
  for (const path of paths) {
    const stat = await lstatPath(worktreeDir, path);
    if (stat === null || stat.isSymbolicLink() || stat.isDirectory()) continue;
    if (!stat.isFile()) notFiles.push(path);
    else if (!(await isReadable(joinPath(worktreeDir, path)))) unreadable.push(path);
  }
  return { unreadable, notFiles };
}

async function isReadable(path: Buffer): Promise<boolean> {
  try {
    await (await open(path)).close();
    return true;
  } catch {
    return false;
  }
}
