import { createHash } from 'node:crypto';
import { copyFile, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { buildTree, requireSameTree } from './build-tree.js';
import { NO_LIMITS } from './plan-staging.js';
import { initRepository } from './create-repository.js';
import { addWorktree } from './create-worktree.js';
import { describeWorktree } from './describe-worktree.js';
import { baseMissing, hasCommit } from './ensure-mirror.js';
import { GitError } from './git-error.js';
import { gunzipWithCeiling } from './gunzip-with-ceiling.js';
import { listIgnored, type IndexLocation } from './list-changes.js';
import { listTreeChanges, type TreeChange } from './list-tree-changes.js';
import { requireRefName } from './ref-name.js';
import { firstLine, nulTerminated, runGit } from './run-git.js';
import { forgetSeed } from './seed-index.js';
import { serialize } from './serialize.js';
import { isEmptyTree, objectFormatOf, requireSha } from './sha.js';
import { openShadow, type Shadow } from './shadow.js';
import { stageWorktree } from './stage-worktree.js';
import { findUserExcludes } from './user-excludes.js';

export interface RestoreRequest {
  /** Holds the base already (`ensureMirror` with `fetchIfMissing`); null for a task that started from nothing. */
  mirrorDir: string | null;
  worktreeDir: string;
  shadowDir: string;
  /** Wanted; another is taken when this one holds commits or is checked out. */
  branchName: string;
  /** A commit, or the empty tree's id. */
  baseSha: string;
  /** What must come out. */
  treeSha: string;
  /** Null only where the state is the base's own. */
  patch: { format: 'git-diff'; data: Buffer; sha256: string } | null;
  maxUncompressedBytes: number;
  signal?: AbortSignal;
}

export interface Restored {
  worktreeDir: string;
  /** The branch actually used. */
  branchName: string;
  /** Computed from the files on disk; equal to the recorded one. */
  treeSha: string;
  /** The base; null where that is the empty tree. */
  headSha: string | null;
  /** Paths that differ from the base. */
  filesWritten: number;
  /** Where a folder that was in the way is now. */
  movedAsideTo: string | null;
}

/**
 * Makes a captured worktree again: on its base, with all that the patch holds as uncommitted edits.
 *
 * Exact or not at all: the tree is proven before a folder exists, and computed again from the disk before the folder is renamed into place.
 * On any error nothing is left behind. An existing folder is moved aside and an existing branch kept. May run again after a
 * kill at any step.
 *
 * @throws GitError `BAD_SHA`, `BAD_REF`, `DIGEST_MISMATCH`, `NOT_GZIP`, `GZIP_CORRUPT`, `PATCH_TOO_LARGE`, `BASE_MISSING`,
 *   `PATCH_INVALID`, `UNSAFE_PATH`, `TREE_MISMATCH`
 */
export async function restoreWorktree(request: RestoreRequest): Promise<Restored> {
  const diff = await unpack(request);
  return serialize(request.shadowDir, () => restore(request, diff));
}

async function unpack(request: RestoreRequest): Promise<Buffer> {
  requireSha(request.baseSha, 'baseSha');
  requireSha(request.treeSha, 'treeSha');
  requireRefName(request.branchName, 'branchName');
  if (request.patch === null) return Buffer.alloc(0);
  const { data, sha256 } = request.patch;
  const actual = createHash('sha256').update(data).digest('hex');
  if (actual !== sha256) {
    throw new GitError('DIGEST_MISMATCH', `The patch has the SHA-256 ${actual} instead of ${sha256}.`, {
      nextStep: 'Read the patch again; this copy is damaged.',
    });
  }
  return gunzipWithCeiling(data, request.maxUncompressedBytes);
}

async function restore(request: RestoreRequest, diff: Buffer): Promise<Restored> {
  const { mirrorDir, worktreeDir, branchName, baseSha, treeSha, signal } = request;
  await requireBase(mirrorDir, baseSha, signal);
  const shadow = await openShadow({
    shadowDir: request.shadowDir,
    worktreeDir,
    alternates: mirrorDir === null ? [] : [join(mirrorDir, 'objects')],
    objectFormat: objectFormatOf(treeSha),
    signal,
  });
  await forgetSeed(shadow);
  await buildTree(shadow, { baseSha, treeSha, diff, signal });
  const changes = await listTreeChanges({ gitDir: shadow.gitDir, baseSha, treeSha, signal });
  const fill = (stagingDir: string) => fillWorktree(shadow, stagingDir, treeSha, changes, signal);
  const common = { worktreeDir, branchName, fill, signal };
  const created =
    mirrorDir === null
      ? await initRepository({ ...common, objectFormat: objectFormatOf(treeSha) })
      : await addWorktree({ ...common, mirrorDir, startPoint: baseSha });
  return { ...created, treeSha, filesWritten: changes.length };
}

async function requireBase(mirrorDir: string | null, baseSha: string, signal?: AbortSignal): Promise<void> {
  if (isEmptyTree(baseSha)) return;
  if (mirrorDir !== null && (await hasCommit(mirrorDir, baseSha, signal))) return;
  throw baseMissing(baseSha, mirrorDir ?? 'a new repository');
}

/** Turns a fresh checkout of the base into the captured state, and proves it. */
async function fillWorktree(
  shadow: Shadow,
  stagingDir: string,
  treeSha: string,
  changes: readonly TreeChange[],
  signal?: AbortSignal,
): Promise<void> {
  const worktree = await describeWorktree(stagingDir, signal);
  const excludesFile = await findUserExcludes(stagingDir, signal);
  const index = {
    gitDir: shadow.gitDir,
    workTree: worktree.worktreeDir,
    indexFile: shadow.indexFile,
    config: [`core.excludesFile=${excludesFile}`],
    signal,
  };
  await takeIndex(worktree.indexFile, shadow.indexFile);
  await runGit({
    ...index,
    purpose: `writing the captured files into ${stagingDir}`,
    args: ['read-tree', '--reset', '-u', treeSha],
  });
  await registerUnlisted({ ...index, gitDir: worktree.gitDir, indexFile: worktree.indexFile }, changes);
  await takeIndex(worktree.indexFile, shadow.indexFile);
  await forgetFileTimes(index, changes);
  await stageWorktree(index, [], NO_LIMITS);
  const { stdout } = await runGit({
    ...index,
    purpose: `computing the tree of ${stagingDir}`,
    args: ['write-tree', '--missing-ok'],
  });
  requireSameTree(treeSha, firstLine(stdout), 'The files on disk are not those that were recorded');
}

/**
 * Copies the index of a checkout that was made a moment ago and that nobody else knows of. Its entries are trusted as they are: were they
 * as young as their files, git would compare contents, and take line ends that the checkout converted for changes.
 */
async function takeIndex(from: string, to: string): Promise<void> {
  try {
    await copyFile(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    await rm(to, { force: true });
    return;
  }
  const inAMinute = Date.now() / 1000 + 60;
  await utimes(to, inAMinute, inAMinute);
}

/**
 * What no listing of the restored worktree would show goes into its index, as it was in that of the lost one: files that an
 * ignore rule matches (they had been added by force), and links to the commits of submodules.
 */
async function registerUnlisted(index: IndexLocation, changes: readonly TreeChange[]): Promise<void> {
  const added = changes.filter((change) => change.kind === 'added' && !change.isGitlink);
  const ignored = await listIgnored(
    index,
    added.map((change) => change.path),
  );
  if (ignored.length > 0) {
    await runGit({
      ...index,
      purpose: `registering ignored files in ${index.workTree}`,
      args: ['add', '--intent-to-add', '--force', '--pathspec-from-file=-', '--pathspec-file-nul'],
      input: nulTerminated(ignored),
    });
  }
  const links = changes.filter((change) => change.isGitlink);
  await setEntries(
    index,
    links.map(({ newMode, newSha, path }) => ({ mode: newMode, sha: newSha, path })),
  );
}

/**
 * Makes git hash every file that was written. Within one second a file of the same size, on the same inode, looks unchanged to an
 * index that is trusted.
 */
async function forgetFileTimes(index: IndexLocation, changes: readonly TreeChange[]): Promise<void> {
  const rewritten = changes.filter((change) => change.kind === 'modified' && !change.isGitlink);
  await setEntries(
    index,
    rewritten.map(({ oldMode, oldSha, path }) => ({ mode: oldMode, sha: oldSha, path })),
  );
}

/** Writes entries as they are given, without file times. */
async function setEntries(
  index: IndexLocation,
  entries: readonly { mode: string; sha: string; path: Buffer }[],
): Promise<void> {
  if (entries.length === 0) return;
  const lines = entries.map(({ mode, sha, path }) =>
    Buffer.concat([Buffer.from(`${mode} ${sha}\t`), path, Buffer.from([0])]),
  );
  await runGit({
    ...index,
    purpose: `setting ${entries.length} entries in the index of ${index.workTree}`,
    args: ['update-index', '-z', '--index-info'],
    input: Buffer.concat(lines),
  });
}
