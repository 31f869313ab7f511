import { anchorTree } from '../shadow/anchor-tree.js';
import { isSameState, stateOf, type CapturedState } from './captured-state.js';
import { countCommits } from '../worktree/count-commits.js';
import type { BundleMode } from './decide-bundle.js';
import { checkSubmodules } from './check-submodules.js';
import { describeWorktree, type WorktreeDescription } from '../worktree/describe-worktree.js';
import { discardWornShadow } from '../shadow/discard-worn-shadow.js';
import { asMuchAsFits, type Trial } from './as-much-as-fits.js';
import { baseBranchRef, findBase, type Base } from '../worktree/find-base.js';
import type { Bundle } from './make-bundle.js';
import { makeDueBundle } from './make-due-bundle.js';
import { makePatch, type Patch } from './make-patch.js';
import type { Modes } from '../values/modes.js';
import { MAX_NAMED_OMISSIONS, type Omission } from '../values/omission.js';
import { ProgressMeter, type CaptureProgress } from '../staging/progress-meter.js';
import { requireFullRef } from '../values/ref-name.js';
import { forgetSeed } from '../shadow/shadow-index.js';
import { runExclusive } from '../run/run-exclusive.js';
import { snapshotTree, type Snapshot } from '../shadow/snapshot-tree.js';

export interface CaptureRequest {
  worktreeDir: string;
  /** Of a worktree that Patchpoint made, as it was made: nothing in the worktree can redirect the capture. */
  gitDir?: string;
  /** Made on first use and kept between captures; outside of every worktree. */
  shadowDir: string;
  /** Where the shadow keeps the captured tree, such as `refs/patchpoint/<taskId>/<sequence>`. */
  anchorRef: string;
  /** Of the source, such as `main`; by default the one its remote's HEAD names. */
  baseBranch?: string;
  /** By default `origin`. */
  remoteName?: string;
  /** Ceiling for the compressed patch, and for the bundle. */
  maxPatchBytes: number;
  /** False where patches are switched off, and with them bundles. */
  makePatch: boolean;
  /** By default `auto`. */
  bundle?: BundleMode;
  /** The last capture; the same state again is `unchanged`. */
  previous?: CapturedState;
  /** A larger untracked file is left out and reported. */
  untrackedFileLimitBytes?: number;
  /** Where all untracked files are more than this, the largest are left out and reported. */
  untrackedTotalLimitBytes?: number;
  /** Ignore rules for every worktree, beside those of the repository and its `.patchpointignore`. */
  excludeFile?: string;
  /**
   * Told how far the capture has come, for each file. It begins from nothing again where the patch is too
   * large and fewer files are tried.
   */
  onProgress?: (progress: CaptureProgress) => void;
  signal?: AbortSignal;
}

export type PatchAbsentReason = 'too-large' | 'disabled';

export type Capture =
  | ({ outcome: 'unchanged' } & CapturedState)
  | {
      outcome: 'captured';
      /** Identity of the captured state; what a restore must arrive at. */
      treeSha: string;
      /** Permissions beside the tree. Null: all is as a checkout makes it. */
      modes: Modes | null;
      headSha: string | null;
      branchName: string | null;
      /** A commit, or the id of the empty tree. */
      baseSha: string;
      baseReachable: boolean;
      /** The state is the base's own; the patch is then a gzip of nothing. */
      clean: boolean;
      patch: Patch | null;
      patchAbsentReason: PatchAbsentReason | null;
      /**
       * Null when it is not due (`BundleMode`), over the ceiling, or cannot be made in a clone that lacks
       * history.
       */
      bundle: Bundle | null;
      /** Against the base. */
      filesChanged: number;
      linesAdded: number;
      linesRemoved: number;
      /** The first hundred; `omissionsCount` counts them all. */
      omissions: Omission[];
      omissionsCount: number;
    };

/**
 * Captures what lies in a worktree as a patch against a commit that others can fetch.
 *
 * When the patch is over its ceiling, the largest untracked files are left out and reported until it fits.
 *
 * Changes nothing in the worktree or its repository, and runs nothing that either names. May be called again
 * at any time, also after a kill at any step; calls for one shadow run one after another.
 *
 * @throws GitError `NOT_A_WORKTREE`, `UNSAFE_WORKTREE`, `BAD_REF`, `GIT_FAILED`; the signal's reason when
 *   aborted
 */
export async function captureWorktree(request: CaptureRequest): Promise<Capture> {
  requireFullRef(request.anchorRef, 'anchorRef');
  const { worktreeDir, gitDir, signal } = request;
  const worktree = await describeWorktree(worktreeDir, signal, gitDir, baseBranchRef(request));
  return runExclusive(request.shadowDir, () => capture(request, worktree));
}

export type SelectionRequest = Pick<
  CaptureRequest,
  | 'baseBranch'
  | 'excludeFile'
  | 'makePatch'
  | 'maxPatchBytes'
  | 'remoteName'
  | 'shadowDir'
  | 'untrackedFileLimitBytes'
  | 'untrackedTotalLimitBytes'
>;

/**
 * The untracked files that a capture would hold now, in latin1: a WIP commit must hold no others. What it
 * committed would be tracked from then on, and a checkpoint can leave out nothing that is tracked.
 */
export async function selectAsCaptured(
  worktree: WorktreeDescription,
  request: SelectionRequest,
  signal?: AbortSignal,
): Promise<ReadonlySet<string>> {
  return runExclusive(request.shadowDir, async () => {
    const search = findBase(worktree, request, signal);
    const whole = {
      ...request,
      worktreeDir: worktree.worktreeDir,
      anchorRef: 'refs/patchpoint/selection',
      bundle: 'never' as const,
      ...(signal && { signal }),
    };
    const trial = (fittingBytes?: number | null) => tryCapture(whole, worktree, search, fittingBytes);
    const { snapshot } = await asMuchAsFits(trial, request.maxPatchBytes);
    return new Set(snapshot.untracked.map((path) => path.toString('latin1')));
  });
}

async function capture(request: CaptureRequest, worktree: WorktreeDescription): Promise<Capture> {
  const search = findBase(worktree, request, request.signal);
  const trial = (fittingBytes?: number | null) => tryCapture(request, worktree, search, fittingBytes);
  const { capture: captured, snapshot } = await asMuchAsFits(trial, request.maxPatchBytes);
  if (captured.outcome === 'captured') {
    // What is captured is not lost because something could not be deleted; the next capture tries again.
    await discardWornShadow(snapshot).catch(() => {});
  }
  return captured;
}

interface CaptureTrial extends Trial {
  capture: Capture;
  snapshot: Snapshot;
}

function asTrial(capture: Capture, snapshot: Snapshot): CaptureTrial {
  const { untrackedBytes } = snapshot;
  if (capture.outcome !== 'captured')
    return { capture, snapshot, untrackedBytes, isTooLarge: false, sizeBytes: 0 };
  const { patch, bundle, patchAbsentReason } = capture;
  const isTooLarge = patchAbsentReason === 'too-large' && bundle === null;
  return {
    capture,
    snapshot,
    untrackedBytes,
    isTooLarge,
    sizeBytes: patch?.sizeBytes ?? bundle?.sizeBytes ?? 0,
  };
}

/** @param fittingBytes see `SnapshotLimits` */
async function tryCapture(
  request: CaptureRequest,
  worktree: WorktreeDescription,
  search: Promise<Base>,
  fittingBytes?: number | null,
): Promise<CaptureTrial> {
  const limits = {
    untrackedFileLimitBytes: request.untrackedFileLimitBytes ?? Infinity,
    untrackedTotalLimitBytes: request.untrackedTotalLimitBytes ?? Infinity,
    excludeFile: request.excludeFile,
    ...(fittingBytes !== undefined && { fittingBytes }),
  };
  const [snapshot, base] = await Promise.all([
    snapshotTree(
      worktree,
      request.shadowDir,
      limits,
      search,
      request.signal,
      request.onProgress && new ProgressMeter(request.onProgress),
    ),
    search,
  ]);
  const state = stateOf({ ...snapshot, ...base, headSha: worktree.headSha });
  if (request.previous && isSameState(request.previous, state)) {
    return asTrial({ outcome: 'unchanged', ...state }, snapshot);
  }
  try {
    return asTrial(await describeState(request, worktree, { ...snapshot, ...base }), snapshot);
  } catch (error) {
    // What the index calls stored may be what is missing: a new copy of it has all that differs hashed once
    // more.
    await forgetSeed(snapshot.shadow);
    throw error;
  }
}

/** The captured tree, made into what is sent. */
async function describeState(
  request: CaptureRequest,
  worktree: WorktreeDescription,
  state: Snapshot & Base,
): Promise<Extract<Capture, { outcome: 'captured' }>> {
  const { signal, anchorRef } = request;
  const { shadow, treeSha, baseSha, baseReachable } = state;
  const { headSha, branchName } = worktree;
  const trees = { gitDir: shadow.gitDir, baseSha, treeSha, signal };
  const [{ counts, patch }, commitsCount, submoduleOmissions] = await Promise.all([
    makePatch({ ...trees, maxPatchBytes: request.makePatch ? request.maxPatchBytes : null }),
    countCommits(trees.gitDir, baseSha, headSha, signal),
    checkSubmodules(worktree, state.submodules, shadow, signal),
    anchorTree({ ...trees, headSha, anchorRef }),
  ]);
  const omissions = [...operationOmission(worktree), ...state.omissions, ...submoduleOmissions];
  return {
    outcome: 'captured',
    treeSha,
    modes: state.modes,
    headSha,
    branchName,
    baseSha,
    baseReachable,
    clean: counts.filesChanged === 0,
    patch,
    patchAbsentReason: patch !== null ? null : request.makePatch ? 'too-large' : 'disabled',
    bundle: await makeDueBundle(request, { ...trees, commitsCount }, patch),
    ...counts,
    omissions: omissions.slice(0, MAX_NAMED_OMISSIONS),
    omissionsCount: omissions.length,
  };
}

/** The files are captured as they lie on disk, but not what git was about to do with them. */
function operationOmission(worktree: WorktreeDescription): Omission[] {
  return worktree.operation === null ? [] : [{ path: '.', reason: 'operation-in-progress' }];
}
