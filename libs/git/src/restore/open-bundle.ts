import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { requireSameTree } from './build-tree.js';
import { countCommits } from '../worktree/count-commits.js';
import { baseMissing, hasCommit } from '../mirror/ensure-mirror.js';
import { GitError } from '../run/git-error.js';
import { indexPack } from './index-pack.js';
import { listTreeChanges } from '../staging/list-tree-changes.js';
import { invalidBundle, readBundleHeader, type BundleHeader } from './read-bundle-header.js';
import { firstLine, runGit } from '../run/run-git.js';
import { objectFormatOf } from '../values/sha.js';
import type { Shadow } from '../shadow/shadow.js';

export interface BundleRequest {
  data: Buffer;
  /** HEAD as it was captured; null where its branch was unborn. */
  headSha: string | null;
  baseSha: string;
  treeSha: string;
  /** Ceiling for the sum of the files that the bundle would write. */
  maxUncompressedBytes: number;
  signal?: AbortSignal | undefined;
}

/**
 * Unpacks a bundle into a shadow, proves that it holds the recorded HEAD and tree and nothing that must not
 * be written, and lends them to `use`. The shadow keeps nothing of it afterwards.
 *
 * @param use gets the number of commits that the bundle adds to the base
 * @throws GitError `PATCH_INVALID`, `BASE_MISSING`, `UNSAFE_PATH`, `TREE_MISMATCH`, `PATCH_TOO_LARGE`
 */
export async function withBundle<T>(
  shadow: Shadow,
  request: BundleRequest,
  use: (commitsCount: number) => Promise<T>,
): Promise<T> {
  const { gitDir } = shadow;
  const { data, headSha, baseSha, signal } = request;
  const header = readBundleHeader(data);
  requireOwnFormat(header, request.treeSha);
  await requirePrerequisites(gitDir, header, signal);
  try {
    await indexPack(gitDir, data.subarray(header.packOffset), signal);
    await requireRecordedState(gitDir, header, request);
    await requireHarmlessFiles(gitDir, request);
    const commitsCount = await countCommits(gitDir, baseSha, headSha, signal);
    if (commitsCount === null) throw invalidBundle('leaves out commits below its HEAD');
    return await use(commitsCount);
  } finally {
    await dropPacks(gitDir);
  }
}

function requireOwnFormat(header: BundleHeader, treeSha: string): void {
  if (header.refs.length !== 1) throw invalidBundle(`has ${header.refs.length} refs instead of one`);
  if (header.objectFormat === objectFormatOf(treeSha)) return;
  throw invalidBundle(`holds ${header.objectFormat} objects, unlike the tree that was recorded`);
}

async function requirePrerequisites(
  gitDir: string,
  header: BundleHeader,
  signal?: AbortSignal,
): Promise<void> {
  for (const sha of header.prerequisites) {
    if (!(await hasCommit(gitDir, sha, signal))) throw baseMissing(sha, gitDir);
  }
}

/** The anchor must be a commit of the recorded tree on the recorded HEAD. */
async function requireRecordedState(
  gitDir: string,
  header: BundleHeader,
  request: BundleRequest,
): Promise<void> {
  const anchorSha = header.refs[0]!.sha;
  const { exitCode, stdout } = await runGit({
    purpose: `reading the commit ${anchorSha} of a bundle`,
    gitDir,
    args: ['rev-list', '--no-walk', '--no-commit-header', '--format=%T%n%P', anchorSha],
    expectedExitCodes: [0, 128],
    signal: request.signal,
  });
  if (exitCode !== 0) throw invalidBundle(`lacks the commit ${anchorSha} that it names`);
  const treeSha = firstLine(stdout);
  const parents = stdout.toString('latin1').slice(treeSha.length).trim();
  requireSameTree(request.treeSha, treeSha, 'The bundle holds another tree than was recorded');
  if (parents === (request.headSha ?? '')) return;
  throw invalidBundle(
    `stands on ${parents || 'no commit'} instead of the recorded HEAD, ${request.headSha ?? 'none'}`,
  );
}

/**
 * Looks at all files that would be written which the base does not hold: those of HEAD, and those on top of
 * it.
 */
async function requireHarmlessFiles(gitDir: string, request: BundleRequest): Promise<void> {
  const { baseSha, treeSha, headSha, maxUncompressedBytes, signal } = request;
  const targets = headSha === null ? [treeSha] : [headSha, treeSha];
  for (const target of targets) {
    const changes = await listTreeChanges({ gitDir, baseSha, treeSha: target, signal });
    const shas = changes
      .filter(({ kind, isGitlink }) => kind !== 'deleted' && !isGitlink)
      .map(({ newSha }) => newSha);
    const sizeBytes = await sumSizes(gitDir, shas, signal);
    if (sizeBytes <= maxUncompressedBytes) continue;
    throw new GitError('PATCH_TOO_LARGE', `The bundle unpacks to ${sizeBytes} bytes of files.`, {
      nextStep: `Raise the ceiling of ${maxUncompressedBytes} bytes if the bundle is to be trusted.`,
    });
  }
}

async function sumSizes(gitDir: string, shas: readonly string[], signal?: AbortSignal): Promise<number> {
  if (shas.length === 0) return 0;
  const { stdout } = await runGit({
    purpose: `adding up the sizes of ${shas.length} files of a bundle`,
    gitDir,
    args: ['cat-file', '--batch-check=%(objectsize)'],
    input: Buffer.from(shas.map((sha) => `${sha}\n`).join('')),
    signal,
  });
  const sizes = stdout.toString('latin1').split('\n').filter(Boolean).map(Number);
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Captures write loose objects only: packs in a shadow, whole or half made, come from bundles. */
async function dropPacks(gitDir: string): Promise<void> {
  const packsDir = join(gitDir, 'objects', 'pack');
  const names = await readdir(packsDir).catch(() => []);
  for (const name of names) await rm(join(packsDir, name), { force: true });
}
