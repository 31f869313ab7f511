import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { buildTree } from './build-tree.js';
import { baseMissing, hasCommit } from '../mirror/ensure-mirror.js';
import { GitError } from '../run/git-error.js';
import { gunzipWithCeiling } from './gunzip-with-ceiling.js';
import { withBundle } from './open-bundle.js';
import { forgetSeed } from '../shadow/shadow-index.js';
import { runExclusive } from '../run/run-exclusive.js';
import { isEmptyTree, objectFormatOf, requireSha } from '../values/sha.js';
import { openShadow, type Shadow } from '../shadow/shadow.js';

export interface ProofRequest {
  /**
   * Holds the base already (`ensureMirror` with `fetchIfMissing`); null for a task that started from nothing.
   */
  mirrorDir: string | null;
  /** Where the worktree is, or is to be. */
  worktreeDir: string;
  shadowDir: string;
  /** A commit, or the empty tree's id. */
  baseSha: string;
  /** What must come out. */
  treeSha: string;
  /** Null only where the state is the base's own. */
  patch: RestorePatch | null;
  /** Ceiling for what the patch unpacks to: the text of a diff, or the files of a bundle. */
  maxUncompressedBytes: number;
  signal?: AbortSignal;
}

export type RestorePatch =
  | { format: 'git-diff'; data: Buffer; sha256: string }
  /** `headSha` is HEAD as it was captured, null where its branch was unborn. */
  | { format: 'git-bundle'; data: Buffer; sha256: string; headSha: string | null };

/** A captured tree, and the commits above the base, in a shadow. */
export interface ProvenTree {
  shadow: Shadow;
  headSha: string | null;
  commitsCount: number;
}

/**
 * Makes the captured tree from base and patch in a shadow, proves that it is the recorded one, and lends it
 * to `use`. No worktree is needed or made.
 *
 * @throws GitError `BAD_SHA`, `DIGEST_MISMATCH`, `NOT_GZIP`, `GZIP_CORRUPT`, `PATCH_TOO_LARGE`,
 *   `BASE_MISSING`, `PATCH_INVALID`, `UNSAFE_PATH`, `TREE_MISMATCH`
 */
export async function withProvenTree<T>(
  request: ProofRequest,
  use: (proven: ProvenTree) => Promise<T>,
): Promise<T> {
  requireSha(request.baseSha, 'baseSha');
  requireSha(request.treeSha, 'treeSha');
  const { patch } = request;
  if (patch !== null) requireDigest(patch);
  if (patch?.format === 'git-bundle') {
    if (patch.headSha !== null) requireSha(patch.headSha, 'headSha');
    return runExclusive(request.shadowDir, () => proveBundle(request, patch, use));
  }
  const diff =
    patch === null ? Buffer.alloc(0) : await gunzipWithCeiling(patch.data, request.maxUncompressedBytes);
  return runExclusive(request.shadowDir, () => proveDiff(request, diff, use));
}

function requireDigest({ data, sha256 }: RestorePatch): void {
  const actual = createHash('sha256').update(data).digest('hex');
  if (actual === sha256) return;
  throw new GitError('DIGEST_MISMATCH', `The patch has the SHA-256 ${actual} instead of ${sha256}.`, {
    nextStep: 'Read the patch again; this copy is damaged.',
  });
}

async function proveDiff<T>(
  request: ProofRequest,
  diff: Buffer,
  use: (proven: ProvenTree) => Promise<T>,
): Promise<T> {
  const { baseSha, treeSha, signal } = request;
  const shadow = await prepareShadow(request);
  await buildTree(shadow, { baseSha, treeSha, diff, signal });
  return use({ shadow, headSha: isEmptyTree(baseSha) ? null : baseSha, commitsCount: 0 });
}

async function proveBundle<T>(
  request: ProofRequest,
  bundle: Extract<RestorePatch, { format: 'git-bundle' }>,
  use: (proven: ProvenTree) => Promise<T>,
): Promise<T> {
  const { headSha } = bundle;
  const shadow = await prepareShadow(request);
  return withBundle(shadow, { ...request, ...bundle }, (commitsCount) =>
    use({ shadow, headSha, commitsCount }),
  );
}

async function prepareShadow(request: ProofRequest): Promise<Shadow> {
  const { mirrorDir, worktreeDir, baseSha, treeSha, signal } = request;
  await requireBase(mirrorDir, baseSha, signal);
  const shadow = await openShadow({
    shadowDir: request.shadowDir,
    worktreeDir,
    alternates: mirrorDir === null ? [] : [join(mirrorDir, 'objects')],
    objectFormat: objectFormatOf(treeSha),
    signal,
  });
  await forgetSeed(shadow);
  return shadow;
}

async function requireBase(mirrorDir: string | null, baseSha: string, signal?: AbortSignal): Promise<void> {
  if (isEmptyTree(baseSha)) return;
  if (mirrorDir !== null && (await hasCommit(mirrorDir, baseSha, signal))) return;
  throw baseMissing(baseSha, mirrorDir ?? 'a new repository');
}
