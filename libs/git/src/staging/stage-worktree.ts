import { GitError } from '../run/git-error.js';
import { findIncluded, selectIncluded, type FoundIncluded, type Inclusions } from './find-included.js';
import { findUnreadableTracked } from './find-unreadable-tracked.js';
import { hashAllFiles, hashFiles, removeFromIndex } from './hash-files.js';
import {
  listIgnored,
  listTrackedChanges,
  listUntracked,
  type IndexLocation,
  type TrackedChange,
} from './list-changes.js';
import { LinkedFolders } from '../worktree/linked-folders.js';
import { lookAtEach } from '../worktree/lstat-path.js';
import { Unseen } from '../worktree/unseen.js';
import type { Omission } from '../values/omission.js';
import type { ProgressMeter } from './progress-meter.js';
import { signIgnoreRules } from './sign-ignore-rules.js';
import {
  amendPlan,
  planStaging,
  type StagingFacts,
  type StagingLimits,
  type StagingPlan,
  type UnseenPath,
  type UntrackedFile,
} from './plan-staging.js';

type Index = IndexLocation & { workTree: string };

export interface Staged {
  /** Paths that were hashed from the disk. */
  update: Buffer[];
  remove: Buffer[];
  /** Untracked paths that are now in the index. */
  untracked: Buffer[];
  /** Their sizes, added up. */
  untrackedBytes: number;
  omissions: Omission[];
}

export interface Changes {
  facts: StagingFacts;
  plan: StagingPlan;
}

/**
 * Makes an index hold what lies on disk: tracked changes, deletions, and untracked files that are not
 * ignored. All of it or nothing: for proving that a worktree is as it should be.
 *
 * @throws GitError when a file cannot be looked at or hashed
 */
export async function stageWorktree(
  index: Index,
  alreadyAdded: readonly Buffer[],
  limits: StagingLimits,
): Promise<Staged> {
  const { facts, plan } = await findChanges(index, alreadyAdded, limits);
  if (facts.unseen.length > 0) {
    const [{ path, reason }] = facts.unseen as [UnseenPath];
    throw new GitError('GIT_FAILED', `${path.toString('utf8')} in ${index.workTree}: ${reason}.`, {
      nextStep: 'Look at its permissions and its disk.',
    });
  }
  await removeFromIndex(index, plan.remove);
  await hashAllFiles(index, plan.update);
  return plan;
}

/** What a capture brings to the look at its worktree. */
interface Look {
  inclusions?: Inclusions;
  progress?: ProgressMeter | undefined;
  /** Those under which none of the paths already added is ignored, signed (`signIgnoreRules`). */
  rules?: string | null;
}

/**
 * The first half of a capture: what differs is listed (as fast as `git status`) and decided upon. Changes
 * nothing.
 *
 * @param alreadyAdded untracked paths that earlier runs have put into this index
 */
export async function findChanges(
  index: Index,
  alreadyAdded: readonly Buffer[],
  limits: StagingLimits,
  { inclusions, progress, rules = null }: Look = {},
): Promise<Changes> {
  // The slowest first, which uses one core: begun last, it made an idle heartbeat take a tenth longer.
  const [listing, tracked, [included, earlier]] = await Promise.all([
    listUntracked(index),
    findTrackedChanges(index),
    reviewIncluded(index, alreadyAdded, { inclusions, progress, rules }),
  ]);
  progress?.saw(tracked.changes.length);
  const isFolder = (path: Buffer): boolean => path.at(-1) === 0x2f;
  const found = await lookUp(
    index.workTree,
    [...listing.paths.filter((path) => !isFolder(path)), ...included.paths],
    false,
    progress,
  );
  const facts = {
    trackedChanges: tracked.changes,
    untrackedFiles: [...earlier.files, ...found.files],
    nestedRepositories: listing.paths.filter(isFolder),
    unseen: [
      ...listing.unreadableFolders.map((path) => ({ path, reason: 'unreadable' as const })),
      ...tracked.unseen,
      ...included.unseen,
      ...found.unseen,
      ...earlier.unseen,
    ],
    withdrawn: earlier.gone,
  };
  return { facts, plan: planStaging(facts, limits) };
}

async function findTrackedChanges(index: Index): Promise<{ changes: TrackedChange[]; unseen: UnseenPath[] }> {
  const { changes, isComplete } = await listTrackedChanges(index);
  if (isComplete) return { changes, unseen: [] };
  const { gone, unseen } = await findUnreadableTracked(index);
  return {
    changes: [...changes, ...gone.map((path) => ({ path, gone: true, becameRepository: false }))],
    unseen,
  };
}

/**
 * The second half: what was found is hashed into the index. One path that cannot be hashed becomes an
 * omission and does not end the capture, as it would with `git add -A`.
 */
export async function stageChanges(
  index: Index,
  { facts, plan }: Changes,
  progress?: ProgressMeter,
): Promise<Staged> {
  await removeFromIndex(index, plan.remove);
  progress?.willHash(await sizesOf(index.workTree, plan.update, facts));
  const onHashed = progress && ((path: Buffer) => progress.hashed(path));
  return amendPlan(plan, facts, await hashFiles({ ...index, onHashed }, plan.update));
}

/** By paths in latin1. Only those of tracked files are not known yet. */
async function sizesOf(
  worktreeDir: string,
  paths: readonly Buffer[],
  { untrackedFiles }: StagingFacts,
): Promise<ReadonlyMap<string, number>> {
  const known = new Map(untrackedFiles.map(({ path, sizeBytes }) => [path.toString('latin1'), sizeBytes]));
  const sizes = new Map(
    paths.map((path) => [path.toString('latin1'), known.get(path.toString('latin1')) ?? 0]),
  );
  const unknown = paths.filter((path) => !known.has(path.toString('latin1')));
  await lookAtEach(worktreeDir, unknown, (path, found) => {
    if (found !== null && !(found instanceof Unseen)) sizes.set(path.toString('latin1'), Number(found.size));
  });
  return sizes;
}

interface Found {
  files: UntrackedFile[];
  gone: Buffer[];
  unseen: UnseenPath[];
}

async function lookUp(
  worktreeDir: string,
  paths: readonly Buffer[],
  staged: boolean,
  progress?: ProgressMeter,
): Promise<Found> {
  const found: Found = { files: [], gone: [], unseen: [] };
  await lookAtEach(worktreeDir, paths, (path, stat) => {
    progress?.saw(1);
    if (stat instanceof Unseen) {
      found.unseen.push({ path, reason: stat.reason });
      if (staged) found.files.push({ path, sizeBytes: 0, isSymlink: false, staged });
    } else if (stat?.isFile() || stat?.isSymbolicLink()) {
      found.files.push({ path, sizeBytes: Number(stat.size), isSymlink: stat.isSymbolicLink(), staged });
    } else found.gone.push(path);
  });
  return found;
}

/** Rules are matched one call after another. */
async function reviewIncluded(
  index: Index,
  alreadyAdded: readonly Buffer[],
  look: Look,
): Promise<[FoundIncluded, Found]> {
  const { inclusions } = look;
  const included = inclusions ? await findIncluded(index, inclusions) : { paths: [], unseen: [] };
  return [included, await reviewAdded(index, alreadyAdded, look)];
}

/**
 * Checks what earlier captures added: files that are gone, or ignored now and not included, no longer belong
 * to the state.
 */
async function reviewAdded(
  index: Index,
  paths: readonly Buffer[],
  { inclusions, progress, rules }: Look,
): Promise<Found> {
  const linkedFolders = new LinkedFolders(index.workTree);
  const reachable: Buffer[] = [];
  const gone: Buffer[] = [];
  for (const path of paths) {
    ((await linkedFolders.isBehindLink(path)) ? gone : reachable).push(path);
  }
  const isKnown = rules !== null && rules === (await signIgnoreRules(index, paths));
  const ignored = isKnown ? [] : await listIgnored(index, reachable);
  const included = inclusions ? await selectIncluded(inclusions, ignored) : [];
  const left = without(ignored, included);
  const remaining = without(reachable, left);
  const known = await lookUp(index.workTree, remaining, true, progress);
  return { ...known, gone: [...gone, ...left, ...known.gone] };
}

function without(paths: readonly Buffer[], others: readonly Buffer[]): Buffer[] {
  const keys = new Set(others.map((path) => path.toString('latin1')));
  return paths.filter((path) => !keys.has(path.toString('latin1')));
}
