import { copyFile, rm, utimes } from 'node:fs/promises';
import { requireSameTree } from './build-tree.js';
import { NO_LIMITS } from '../staging/plan-staging.js';
import { findAttributeFiles } from '../conversions/check-out-files.js';
import { copyCommits } from './copy-commits.js';
import { makeRepository } from '../mirror/make-repository.js';
import type { RepositoryPlace } from '../mirror/task-folder.js';
import { describeWorktree } from '../worktree/describe-worktree.js';
import { keepConvertedFiles } from '../conversions/keep-converted-files.js';
import type { IndexLocation } from '../staging/list-changes.js';
import { hashAllFiles } from '../staging/hash-files.js';
import { listTreeChanges, type TreeChange } from '../staging/list-tree-changes.js';
import { withProvenTree, type ProofRequest, type ProvenTree } from './prove-tree.js';
import { applyModes } from '../modes/apply-modes.js';
import { ModeRules } from '../modes/mode-rules.js';
import type { Modes } from '../values/modes.js';
import { requireRefName } from '../values/ref-name.js';
import { registerUnlisted } from './register-unlisted.js';
import { firstLine, runGit } from '../run/run-git.js';
import { setEntries, type IndexEntry } from '../staging/set-entries.js';
import { emptyTreeOf, objectFormatOf } from '../values/sha.js';
import { shadowIndexOf, type Shadow } from '../shadow/shadow.js';
import { stageWorktree } from '../staging/stage-worktree.js';
import { writeConvertedFiles } from '../conversions/write-converted-files.js';

export interface RestoreRequest extends ProofRequest {
  /** As captured. Null or absent: as the umask makes them. */
  modes?: Modes | null | undefined;
  /** Wanted; a task gets another one when the source has commits of its own on this one. */
  branchName: string;
  /**
   * For a task of a daemon: the folder right above `worktreeDir`, which gets the git dir too; objects are
   * borrowed from the mirror. Without it the folder is a repository of its own, with the source as `origin`
   * and all its history: it can be moved and copied, and outlives every mirror.
   */
  taskDir?: string;
}

export interface Restored {
  worktreeDir: string;
  gitDir: string;
  /** The branch actually used. */
  branchName: string;
  /** Computed from the files on disk; equal to the recorded one. */
  treeSha: string;
  /**
   * HEAD as it was captured when restored from a bundle, the base with a diff; null where there is no commit.
   */
  headSha: string | null;
  /**
   * Commits above the base that came back; none with a diff, which holds their changes as uncommitted edits.
   */
  commitsCount: number;
  /** Paths that differ from the base. */
  filesWritten: number;
  /** Where a folder that was in the way is now. */
  movedAsideTo: string | null;
}

/**
 * Makes a captured worktree again. From a diff: on its base, with everything else as uncommitted edits. From
 * a bundle: on the HEAD that it had, with `git log` and `git status` as they were, but what was staged is not
 * staged any more.
 *
 * Exact or not at all: the tree is proven before a folder exists, and computed again from the disk before the
 * folder is renamed into place. On any error nothing is left behind. An existing folder is moved aside. May
 * run again after a kill at any step.
 *
 * @throws GitError `BAD_SHA`, `BAD_REF`, `DIGEST_MISMATCH`, `NOT_GZIP`, `GZIP_CORRUPT`, `PATCH_TOO_LARGE`,
 *   `BASE_MISSING`, `PATCH_INVALID`, `UNSAFE_PATH`, `TREE_MISMATCH`
 */
export async function restoreWorktree(request: RestoreRequest): Promise<Restored> {
  requireRefName(request.branchName, 'branchName');
  return withProvenTree(request, (proven) => makeWorktree(request, proven));
}

/** The shadow holds the tree, and the commits above the base. */
async function makeWorktree(
  request: RestoreRequest,
  { shadow, headSha, commitsCount }: ProvenTree,
): Promise<Restored> {
  const { mirrorDir, worktreeDir, taskDir, branchName, baseSha, treeSha, modes, signal } = request;
  const objectFormat = objectFormatOf(treeSha);
  const startPoint = headSha ?? emptyTreeOf(objectFormat);
  const content = await listContent(shadow.gitDir, { baseSha, startPoint, treeSha, signal });
  const created = await makeRepository({
    worktreeDir,
    taskDir,
    mirrorDir,
    branchName,
    headSha,
    objectFormat,
    bringCommits: async (toGitDir) => {
      if (headSha === null || commitsCount === 0) return;
      await copyCommits({ fromGitDir: shadow.gitDir, toGitDir, baseSha, headSha, signal });
    },
    fill: async (staged) => {
      await fillWorktree(shadow, staged, content, signal);
      if (!modes) return;
      await applyModes({ gitDir: shadow.gitDir, dir: staged.worktreeDir, treeSha, modes, signal });
    },
    worktreeMode: modes ? new ModeRules(modes).modeOf(TOP, 'folder') : undefined,
    signal,
  });
  return { ...created, treeSha, commitsCount, filesWritten: content.filesChanged };
}

const TOP = Buffer.alloc(0);

/** What a fresh checkout of HEAD has to become. */
interface Content {
  treeSha: string;
  changes: TreeChange[];
  /**
   * Entries that HEAD has too, but not the base. The tree holds them raw; a checkout of HEAD may have
   * converted them.
   */
  committed: IndexEntry[];
  /** Files that are as in the base, while HEAD has others. */
  reverted: IndexEntry[];
  baseSha: string;
  /** Paths that differ from the base. */
  filesChanged: number;
}

async function listContent(
  gitDir: string,
  request: { baseSha: string; startPoint: string; treeSha: string; signal?: AbortSignal | undefined },
): Promise<Content> {
  const { baseSha, startPoint, treeSha, signal } = request;
  const changes = await listTreeChanges({ gitDir, baseSha: startPoint, treeSha, signal });
  const whole = { treeSha, baseSha, changes };
  if (startPoint === baseSha) return { ...whole, committed: [], reverted: [], filesChanged: changes.length };
  const fromBase = await listTreeChanges({ gitDir, baseSha, treeSha, signal });
  return {
    ...whole,
    committed: filesWithout(fromBase, changes),
    reverted: filesWithout(changes, fromBase),
    filesChanged: fromBase.length,
  };
}

/** The files among some changes that are not among the others. */
function filesWithout(changes: readonly TreeChange[], others: readonly TreeChange[]): IndexEntry[] {
  const excluded = new Set(others.map(({ path }) => path.toString('latin1')));
  return changes
    .filter(({ newMode, path }) => newMode.startsWith('100') && !excluded.has(path.toString('latin1')))
    .map(({ newMode, newSha, path }) => ({ mode: newMode, sha: newSha, path }));
}

/** Turns a fresh checkout of HEAD into the captured state, and proves it. */
async function fillWorktree(
  shadow: Shadow,
  { worktreeDir: stagingDir, gitDir }: RepositoryPlace,
  { treeSha, baseSha, changes, committed, reverted }: Content,
  signal?: AbortSignal,
): Promise<void> {
  const worktree = await describeWorktree(stagingDir, signal, gitDir);
  const index = shadowIndexOf(shadow, worktree, signal);
  const ownIndex = { ...index, gitDir: worktree.gitDir, indexFile: worktree.indexFile };
  await forgetFileTimes(ownIndex, changes, committed);
  await takeIndex(worktree.indexFile, shadow.indexFile);
  await runGit({
    ...index,
    purpose: `writing the captured files into ${stagingDir}`,
    args: ['read-tree', '--reset', '-u', treeSha],
  });
  await writeConvertedFiles(worktree, index, baseSha, reverted);
  const matcher = { gitDir: shadow.gitDir, objectFormat: worktree.objectFormat, signal };
  const included = await registerUnlisted(ownIndex, changes, matcher);
  await takeIndex(worktree.indexFile, shadow.indexFile);
  await hashAllFiles(index, included);
  const { update } = await stageWorktree(index, [], NO_LIMITS);
  if (reverted.length > 0) {
    const attributes = await findAttributeFiles(index, baseSha, update);
    await keepConvertedFiles(worktree, index, baseSha, { hashed: update, attributes });
  }
  const { stdout } = await runGit({
    ...index,
    purpose: `computing the tree of ${stagingDir}`,
    args: ['write-tree', '--missing-ok'],
  });
  requireSameTree(treeSha, firstLine(stdout), 'The files on disk are not those that were recorded');
}

/**
 * Copies the index of a checkout that was made a moment ago and that nobody else knows of. Its entries are
 * trusted as they are: were they as young as their files, git would compare contents, and take line ends that
 * the checkout converted for changes.
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
 * Makes git write and hash every file that is to be raw. Within one second a file of the same size, on the
 * same inode, looks unchanged to an index that is trusted; and one of another size counts as modified, though
 * `git status` in the lost worktree may have called it clean (the same text with other line ends).
 */
async function forgetFileTimes(
  index: IndexLocation,
  changes: readonly TreeChange[],
  committed: readonly IndexEntry[],
): Promise<void> {
  const rewritten = changes.filter((change) => change.kind === 'modified' && !change.isGitlink);
  await setEntries(index, [
    ...rewritten.map(({ oldMode, oldSha, path }) => ({ mode: oldMode, sha: oldSha, path })),
    ...committed,
  ]);
}
