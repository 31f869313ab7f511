import type { Capture, CaptureRequest, SelectionRequest } from './capture-request.js';
import { anchorTree } from '../shadow/anchor-tree.js';
import { isSameState, stateOf } from './captured-state.js';
import { countCommits } from '../worktree/count-commits.js';
import { checkSubmodules } from './check-submodules.js';
import { describeWorktree, type WorktreeDescription } from '../worktree/describe-worktree.js';
import { discardWornShadow } from '../shadow/discard-worn-shadow.js';
import { asMuchAsFits, type Trial } from './as-much-as-fits.js';
import { baseBranchRef, findBase, type Base } from '../worktree/find-base.js';
import { makeDueBundle } from './make-due-bundle.js';
import { makePatch } from './make-patch.js';
import { MAX_NAMED_OMISSIONS, type Omission } from '../values/omission.js';
import { ProgressMeter } from '../staging/progress-meter.js';
import { requireFullRef } from '../values/ref-name.js';
import { forgetSeed } from '../shadow/shadow-index.js';
import { runExclusive } from '../run/run-exclusive.js';
import { snapshotTree, type Snapshot, type SnapshotLimits } from '../shadow/snapshot-tree.js';
import { mayNotBeCommitted, SecretReview } from '../secrets/secret-review.js';

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

/**
 * The untracked files that a capture would hold now and that hold no secrets, in latin1: a WIP commit must
 * hold no others. What it committed would be tracked from then on, and a checkpoint can leave out nothing
 * that is tracked.
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
    const { snapshot, capture } = await asMuchAsFits(trial, request.maxPatchBytes);
    const selected = new Set(snapshot.untracked.map((path) => path.toString('latin1')));
    if (capture.outcome === 'captured') {
      for (const secret of capture.secrets) if (mayNotBeCommitted(secret)) selected.delete(secret.path);
    }
    return selected;
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
  const review = new SecretReview(request.secrets, worktree, request.shadowDir);
  await review.open();
  for (;;) {
    const limits = {
      untrackedFileLimitBytes: request.untrackedFileLimitBytes ?? Infinity,
      untrackedTotalLimitBytes: request.untrackedTotalLimitBytes ?? Infinity,
      excludeFile: request.excludeFile,
      withheld: review.withheld,
      ...(fittingBytes !== undefined && { fittingBytes }),
    };
    const trial = await tryOnce(request, worktree, search, limits, review);
    if (trial !== null) return trial;
  }
}

/** @returns null when a secret was found that is to stay out: to be tried again without it */
async function tryOnce(
  request: CaptureRequest,
  worktree: WorktreeDescription,
  search: Promise<Base>,
  limits: SnapshotLimits,
  review: SecretReview,
): Promise<CaptureTrial | null> {
  const { signal, onProgress } = request;
  const progress = onProgress && new ProgressMeter(onProgress);
  const [snapshot, base] = await Promise.all([
    snapshotTree(worktree, request.shadowDir, limits, search, signal, progress),
    search,
  ]);
  const state = stateOf({ ...snapshot, ...base, headSha: worktree.headSha });
  if (request.previous && isSameState(request.previous, state)) {
    return asTrial({ outcome: 'unchanged', ...state }, snapshot);
  }
  try {
    const [described, secrets] = await Promise.all([
      describeState(request, worktree, { ...snapshot, ...base }),
      review.look({ ...snapshot, baseSha: base.baseSha }, signal),
    ]);
    return secrets === null ? null : asTrial({ ...described, secrets }, snapshot);
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
): Promise<Omit<Extract<Capture, { outcome: 'captured' }>, 'secrets'>> {
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
