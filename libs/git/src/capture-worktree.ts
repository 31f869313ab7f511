import { gzipSync } from 'node:zlib';
import { createHash } from 'node:crypto';
import { anchorTree } from './anchor-tree.js';
import { snapshotTree } from './snapshot-tree.js';
import { countCommits } from './count-commits.js';
import { decideBundleCeiling, type BundleMode } from './decide-bundle.js';
import { checkSubmodules } from './check-submodules.js';
import { countChanges } from './count-changes.js';
import { describeWorktree, type WorktreeDescription } from './describe-worktree.js';
import { findBase } from './find-base.js';
import { makeBundle, type Bundle } from './make-bundle.js';
import { makePatch, type Patch } from './make-patch.js';
import { MAX_NAMED_OMISSIONS, type Omission } from './omission.js';
import { requireFullRef } from './ref-name.js';
import { firstLine, runGit } from './run-git.js';
import { serialize } from './serialize.js';
import { isEmptyTree } from './sha.js';

export interface CaptureRequest {
  worktreeDir: string;
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
  previous?: { treeSha: string; headSha: string | null; baseSha: string };
  /** A larger untracked file is left out and reported. */
  untrackedFileLimitBytes?: number;
  /** Untracked files beyond this sum are left out and reported. */
  untrackedTotalLimitBytes?: number;
  signal?: AbortSignal;
}

export type PatchAbsentReason = 'too-large' | 'disabled';

export type Capture =
  | { outcome: 'unchanged'; treeSha: string; headSha: string | null; baseSha: string }
  | {
      outcome: 'captured';
      /** Identity of the captured state; what a restore must arrive at. */
      treeSha: string;
      headSha: string | null;
      branchName: string | null;
      /** A commit, or the id of the empty tree. */
      baseSha: string;
      baseReachable: boolean;
      /** The state is the base's own; the patch is then a gzip of nothing. */
      clean: boolean;
      patch: Patch | null;
      patchAbsentReason: PatchAbsentReason | null;
      /** Null when it is not due (`BundleMode`), over the ceiling, or cannot be made in a clone that lacks history. */
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
 * Changes nothing in the worktree or its repository, and runs nothing that either names. May be called again at any time, also after a
 * kill at any step; calls for one shadow run one after another.
 *
 * @throws GitError `NOT_A_WORKTREE`, `UNSAFE_WORKTREE`, `BAD_REF`, `GIT_FAILED`; the signal's reason when aborted
 */
export async function captureWorktree(request: CaptureRequest): Promise<Capture> {
  requireFullRef(request.anchorRef, 'anchorRef');
  const worktree = await describeWorktree(request.worktreeDir, request.signal);
  return serialize(request.shadowDir, () => capture(request, worktree));
}

async function capture(request: CaptureRequest, worktree: WorktreeDescription): Promise<Capture> {
  const { signal } = request;
  const limits = {
    untrackedFileLimitBytes: request.untrackedFileLimitBytes ?? Infinity,
    untrackedTotalLimitBytes: request.untrackedTotalLimitBytes ?? Infinity,
  };
  const search = findBase(worktree, request.remoteName ?? 'origin', request.baseBranch, signal);
  const [snapshot, base] = await Promise.all([
    snapshotTree(worktree, request.shadowDir, limits, search, signal),
    search,
  ]);
  const { treeSha } = snapshot;
  const { headSha, branchName } = worktree;
  const { previous } = request;
  if (previous?.treeSha === treeSha && previous.headSha === headSha && previous.baseSha === base.baseSha) {
    return { outcome: 'unchanged', treeSha, headSha, baseSha: base.baseSha };
  }
  const trees = { gitDir: snapshot.shadow.gitDir, baseSha: base.baseSha, treeSha, signal };
  const clean = (await treeOf(trees.gitDir, base.baseSha, signal)) === treeSha;
  const { anchorRef } = request;
  const [counts, commitsCount, patch, submoduleOmissions] = await Promise.all([
    countChanges(trees),
    countCommits(trees.gitDir, base.baseSha, headSha, signal),
    patchOf(request, trees, clean),
    checkSubmodules(worktree, snapshot.submodules, snapshot.shadow, signal),
    anchorTree({ ...trees, headSha, anchorRef }),
  ]);
  const omissions = [...operationOmission(worktree), ...snapshot.omissions, ...submoduleOmissions];
  return {
    outcome: 'captured',
    treeSha,
    headSha,
    branchName,
    ...base,
    clean,
    patch: patch === null ? null : { ...patch, filesCount: counts.filesChanged },
    patchAbsentReason: patch !== null ? null : request.makePatch ? 'too-large' : 'disabled',
    bundle: await bundleOf(request, { ...trees, commitsCount }, patch),
    ...counts,
    omissions: omissions.slice(0, MAX_NAMED_OMISSIONS),
    omissionsCount: omissions.length,
  };
}

async function treeOf(gitDir: string, commitOrTree: string, signal?: AbortSignal): Promise<string> {
  if (isEmptyTree(commitOrTree)) return commitOrTree;
  const { stdout } = await runGit({
    purpose: `reading the tree of ${commitOrTree}`,
    gitDir,
    args: ['rev-parse', '--verify', '--end-of-options', `${commitOrTree}^{tree}`],
    signal,
  });
  return firstLine(stdout);
}

async function patchOf(
  request: CaptureRequest,
  trees: Omit<Parameters<typeof makePatch>[0], 'maxPatchBytes'>,
  clean: boolean,
): Promise<Omit<Patch, 'filesCount'> | null> {
  if (!request.makePatch) return null;
  if (!clean) return makePatch({ ...trees, maxPatchBytes: request.maxPatchBytes });
  const data = gzipSync(Buffer.alloc(0));
  const sha256 = createHash('sha256').update(data).digest('hex');
  return { format: 'git-diff', data, sha256, sizeBytes: data.length, uncompressedSizeBytes: 0 };
}

async function bundleOf(
  request: CaptureRequest,
  state: { gitDir: string; baseSha: string; commitsCount: number | null; signal?: AbortSignal | undefined },
  patch: { sizeBytes: number } | null,
): Promise<Bundle | null> {
  const { anchorRef, maxPatchBytes } = request;
  const { commitsCount } = state;
  const maxBundleBytes = decideBundleCeiling(request.makePatch ? (request.bundle ?? 'auto') : 'never', {
    diffSizeBytes: patch?.sizeBytes ?? null,
    commitsCount,
    maxPatchBytes,
  });
  if (maxBundleBytes === null || commitsCount === null) return null;
  return makeBundle({ ...state, commitsCount, anchorRef, maxBundleBytes });
}

/** The files are captured as they lie on disk, but not what git was about to do with them. */
function operationOmission(worktree: WorktreeDescription): Omission[] {
  return worktree.operation === null ? [] : [{ path: '.', reason: 'operation-in-progress' }];
}
