import { findAttributeFiles } from '../conversions/check-out-files.js';
import { findSpecialFiles } from '../staging/find-special-files.js';
import type { IndexLocation } from '../staging/list-changes.js';
import type { WorktreeDescription } from '../worktree/describe-worktree.js';
import { captureModes, reviewModes, type ModesBefore } from '../modes/capture-modes.js';
import { keepConvertedFiles } from '../conversions/keep-converted-files.js';
import { lookAtEach } from '../worktree/lstat-path.js';
import { Unseen } from '../worktree/unseen.js';
import type { Modes } from '../values/modes.js';
import type { Omission } from '../values/omission.js';
import type { StagingLimits } from '../staging/plan-staging.js';
import type { ProgressMeter } from '../staging/progress-meter.js';
import { firstLine, runGit } from '../run/run-git.js';
import { forgetSeed, keepSeed, prepareShadowIndex, type SeededIndex } from './shadow-index.js';
import { readInclusions } from '../project/read-inclusions.js';
import { readExclusions } from './read-exclusions.js';
import { openShadow, shadowIndexOf, type Shadow } from './shadow.js';
import { findChanges, stageChanges, type Staged } from '../staging/stage-worktree.js';
import { storeRawBytes } from '../conversions/store-raw-bytes.js';
import { addFolders } from '../staging/survey-index.js';
import { signIgnoreRules } from '../staging/sign-ignore-rules.js';
import type { Inclusions } from '../staging/find-included.js';

export interface SnapshotLimits extends StagingLimits {
  /**
   * The sum of untracked files that fits into a patch, as the caller has found out; kept for the next
   * snapshots, until the worktree's own index changes. Without it, what is kept holds; `null` forgets it.
   */
  fittingBytes?: number | null;
  /** Rules of files to leave out, beside those of the repository. */
  excludeFile?: string | undefined;
}

export interface Snapshot {
  shadow: Shadow;
  treeSha: string;
  /** Null: all is as a checkout makes it. */
  modes: Modes | null;
  omissions: Omission[];
  /** Paths at which the tree has a link to a commit of another repository. */
  submodules: Buffer[];
  /** What the shadow has hashed since it was made. */
  hashedBytes: number;
  /** Untracked files that it holds. */
  untracked: Buffer[];
  /** The sizes of the untracked files that it holds, added up. */
  untrackedBytes: number;
}

/**
 * Writes the files of a worktree as a tree to its shadow. One at a time per shadow: callers hold its
 * `runExclusive` key.
 *
 * @param base files that differ from this commit (or tree) are in the tree as the bytes on disk; the others
 *   as they are in the base
 */
export async function snapshotTree(
  worktree: WorktreeDescription,
  shadowDir: string,
  limits: SnapshotLimits,
  base: { baseSha: string } | Promise<{ baseSha: string }>,
  signal?: AbortSignal,
  progress?: ProgressMeter,
): Promise<Snapshot> {
  const begunAt = Date.now();
  const exclusions = await readExclusions(worktree, limits.excludeFile);
  const shadow = await openShadow({
    shadowDir,
    worktreeDir: worktree.worktreeDir,
    alternates: [worktree.objectsDir],
    objectFormat: worktree.objectFormat,
    exclusions: exclusions.rules,
    signal,
  });
  const matcher = { gitDir: shadow.gitDir, objectFormat: worktree.objectFormat, signal };
  const inclusions = await readInclusions(worktree.worktreeDir, matcher, exclusions.withheld);
  const seed = await prepareShadowIndex(worktree, shadow, signal);
  const index = shadowIndexOf(shadow, worktree, signal);
  try {
    const fittingBytes = limits.fittingBytes === undefined ? seed.fittingBytes : limits.fittingBytes;
    const untrackedTotalLimitBytes = Math.min(limits.untrackedTotalLimitBytes, fittingBytes ?? Infinity);
    const bounds = { ...limits, untrackedTotalLimitBytes };
    const [changes, knownModes, knownSpecial] = await Promise.all([
      findChanges(index, seed.added, bounds, { inclusions, progress, rules: seed.rules }),
      reviewModes(index, modesBefore(worktree, seed), begunAt),
      searchTracked(index, seed),
    ]);
    const { baseSha } = await base;
    const [staged, attributes] = await Promise.all([
      stageChanges(index, changes, progress),
      findAttributeFiles(index, baseSha, changes.plan.update),
    ]);
    const raw =
      seed.rawAgainst === baseSha ? NOTHING_HASHED : await storeRawBytes(index, baseSha, staged.update);
    const rehashed = raw.paths;
    const hashed = [...staged.update, ...rehashed];
    attributes.push(...(await findAttributeFiles(index, baseSha, rehashed)));
    await keepConvertedFiles(worktree, index, baseSha, { hashed, attributes });
    const isSameIndex = hashed.length + staged.remove.length === 0;
    const [special, treeSha, newBytes, { modes, ...ofModes }, rules] = await Promise.all([
      searchChanged(index, knownSpecial, seed, staged),
      isSameIndex && seed.treeSha !== null ? seed.treeSha : writeTree(index),
      addUpSizes(index.workTree, staged.update),
      // Planned, not staged: one that nobody may read any more is kept as it was, but not as readable.
      captureModes(
        index.workTree,
        knownModes,
        { changed: changes.plan.update, removed: staged.remove, untracked: staged.untracked },
        begunAt,
      ),
      // An ignored file that is included is in the tree as well: then git is asked each time.
      isInclusive(inclusions) ? null : signIgnoreRules(index, staged.untracked, begunAt),
    ]);
    const hashedBytes = seed.hashedBytes + newBytes;
    await keepSeed(shadow, {
      ...seed,
      added: staged.untracked,
      removed: [...seed.removed, ...without(staged.remove, seed.added)],
      special: special.paths,
      rawAgainst: baseSha,
      treeSha,
      hashedBytes,
      fittingBytes,
      rules,
      modes: ofModes.kept,
    });
    const omissions = withoutRepeats([
      ...exclusions.omissions,
      ...inclusions.omissions,
      ...staged.omissions,
      ...raw.omissions,
      ...special.omissions,
      ...ofModes.omissions,
    ]);
    const { untracked, untrackedBytes } = staged;
    const { submodules } = seed;
    return { shadow, treeSha, modes, omissions, submodules, hashedBytes, untracked, untrackedBytes };
  } catch (error) {
    await forgetSeed(shadow);
    throw error;
  }
}

function modesBefore(worktree: WorktreeDescription, seed: SeededIndex): ModesBefore {
  return {
    kept: seed.modes,
    indexFile: seed.formerIndexFile,
    trackedFolders: seed.trackedFolders,
    shaBytes: worktree.objectFormat === 'sha256' ? 32 : 20,
  };
}

function isInclusive({ rules, named }: Inclusions): boolean {
  return rules.length > 0 || named.length > 0;
}

const NOTHING_HASHED = { paths: [], omissions: [] };

/** A file that never holds still is met twice: as changed, and as different from the base. */
function withoutRepeats(omissions: readonly Omission[]): Omission[] {
  return [...new Map(omissions.map((each) => [`${each.reason}\n${each.path}`, each])).values()];
}

async function addUpSizes(worktreeDir: string, paths: readonly Buffer[]): Promise<number> {
  let sizeBytes = 0;
  await lookAtEach(worktreeDir, paths, (_path, found) => {
    if (found !== null && !(found instanceof Unseen)) sizeBytes += Number(found.size);
  });
  return sizeBytes;
}

function without(paths: readonly Buffer[], others: readonly Buffer[]): Buffer[] {
  const known = new Set(others.map((path) => path.toString('latin1')));
  return paths.filter((path) => !known.has(path.toString('latin1')));
}

async function writeTree(index: IndexLocation): Promise<string> {
  const { stdout } = await runGit({
    ...index,
    purpose: `writing the tree of ${index.workTree}`,
    // A partial clone lacks blobs that were never used.
    args: ['write-tree', '--missing-ok'],
  });
  return firstLine(stdout);
}

/**
 * Looks for special files everywhere, beside git, which takes about 0.1 ms per folder: so it is only done
 * after the index was copied again. Otherwise only folders with changes are searched.
 *
 * @returns their paths
 */
async function searchTracked(
  index: IndexLocation & { workTree: string },
  { trackedFolders, special }: SeededIndex,
): Promise<Buffer[]> {
  if (trackedFolders === null) return special;
  return (await findSpecialFiles(index, { folders: trackedFolders, known: [], descend: true })).paths;
}

/** In folders with changes that were not searched yet; and what was found before is checked. */
async function searchChanged(
  index: IndexLocation & { workTree: string },
  known: readonly Buffer[],
  { trackedFolders }: SeededIndex,
  staged: Staged,
): ReturnType<typeof findSpecialFiles> {
  const all = new Set(['']);
  for (const path of [...staged.update, ...staged.remove]) addFolders(all, path);
  const folders = new Set([...all].filter((folder) => !trackedFolders?.has(folder)));
  return findSpecialFiles(index, { folders, known, descend: false });
}
