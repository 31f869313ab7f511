import { appendFile, chmod, mkdir, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { checkOutCommit } from './check-out-commit.js';
import { chooseBranch } from './choose-branch.js';
import { copyRemote } from './copy-remote.js';
import { chooseStagingDir, placeFolder, removeStagingLeftovers } from './place-folder.js';
import { borrowObjects, takeObjects } from './share-objects.js';
import { removeFolder } from './remove-folder.js';
import { repositoryPlace, stagedPlace, type RepositoryPlace } from './task-folder.js';
import { requireRefName } from '../values/ref-name.js';
import { runGit } from '../run/run-git.js';
import { runExclusive } from '../run/run-exclusive.js';
import type { ObjectFormat } from '../values/sha.js';

export interface CreatedWorktree {
  worktreeDir: string;
  gitDir: string;
  /** The one used: the wanted one, or with a number (chooseBranch). */
  branchName: string;
  /** Null on an unborn branch. */
  headSha: string | null;
  /** Where a folder that was in the way is now. */
  movedAsideTo: string | null;
}

export interface RepositoryRequest {
  worktreeDir: string;
  /**
   * For a task of a daemon: the folder right above `worktreeDir`, in which the git dir lies too, and whose
   * objects come from the mirror. Without it the repository stands alone: it can be moved and copied, and
   * outlives the mirror.
   */
  taskDir?: string | undefined;
  /** Null for a source that does not exist yet. */
  mirrorDir: string | null;
  branchName: string;
  /** What the branch is put on; a commit of the mirror, or one that `bringCommits` brings. */
  headSha: string | null;
  objectFormat: ObjectFormat;
  bringCommits?: (gitDir: string) => Promise<void>;
  /** Does its work in the worktree before anybody sees it. */
  fill?: (staged: RepositoryPlace) => Promise<void>;
  /** Of the worktree itself; by default as the umask makes it. */
  worktreeMode?: number | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Makes a repository of its own with a worktree: its configuration, refs, stash and hooks are nobody else's
 * (ADR 14). A folder in the way is moved aside. When anything throws, nothing is left. May run again after a
 * kill at any step: everything is renamed into place at once, last.
 *
 * @throws GitError `BAD_REF`, and what `bringCommits` and `fill` throw
 */
export async function makeRepository(request: RepositoryRequest): Promise<CreatedWorktree> {
  requireRefName(request.branchName, 'branchName');
  const place = repositoryPlace(request.worktreeDir, request.taskDir);
  return runExclusive(place.rootDir, async () => {
    await removeStagingLeftovers(place.rootDir);
    const stagingDir = await chooseStagingDir(place.rootDir);
    try {
      const staged = stagedPlace(place, stagingDir);
      const rootMode = await makeClosedFolder(stagingDir);
      const branchName = await build(request, staged);
      await chmod(stagingDir, rootMode);
      if (request.worktreeMode !== undefined) await chmod(staged.worktreeDir, request.worktreeMode);
      request.signal?.throwIfAborted();
      const movedAsideTo = await placeFolder(stagingDir, place.rootDir);
      const { worktreeDir, gitDir } = place;
      return { worktreeDir, gitDir, branchName, headSha: request.headSha, movedAsideTo };
    } catch (error) {
      await removeFolder(stagingDir);
      throw error;
    }
  });
}

/**
 * A folder into which nobody else can look, until all in it has the mode that it is to have.
 *
 * @returns the mode that the umask gives
 */
async function makeClosedFolder(folder: string): Promise<number> {
  await mkdir(folder);
  const { mode } = await stat(folder);
  await chmod(folder, 0o700);
  return mode & 0o7777;
}

/** @returns the branch used */
async function build(request: RepositoryRequest, staged: RepositoryPlace): Promise<string> {
  const { taskDir, mirrorDir, headSha, signal } = request;
  const { gitDir, worktreeDir } = staged;
  const isTask = taskDir !== undefined;
  await init(request, staged);
  if (isTask) await forbidCollection(gitDir);
  if (mirrorDir !== null) {
    // Refs first: what a fetch brings meanwhile is then among the objects, or in neither.
    await copyRemote(mirrorDir, gitDir, signal);
    await (isTask ? borrowObjects(mirrorDir, gitDir) : takeObjects(mirrorDir, gitDir));
  }
  await request.bringCommits?.(gitDir);
  const branchName =
    isTask && mirrorDir !== null
      ? await chooseBranch(gitDir, request.branchName, headSha, signal)
      : request.branchName;
  if (branchName !== request.branchName) await putHeadOn(gitDir, branchName, signal);
  if (headSha !== null) await checkOutCommit({ gitDir, worktreeDir, branchName, headSha, signal });
  await request.fill?.(staged);
  return branchName;
}

async function init(request: RepositoryRequest, staged: RepositoryPlace): Promise<void> {
  const { rootDir, worktreeDir, gitDir } = staged;
  const isBeside = rootDir !== worktreeDir;
  await runGit({
    purpose: `making the repository of ${request.worktreeDir}`,
    args: [
      'init',
      '--quiet',
      '--template=',
      `--initial-branch=${request.branchName}`,
      `--object-format=${request.objectFormat}`,
      ...(isBeside ? [`--separate-git-dir=${gitDir}`] : []),
      '--',
      worktreeDir,
    ],
    signal: request.signal,
  });
  // Git writes the full path, which is about to change.
  if (isBeside) await writeFile(join(worktreeDir, '.git'), `gitdir: ${relative(worktreeDir, gitDir)}\n`);
}

/** A shadow may refer to objects that nothing in its repository refers to any more. */
async function forbidCollection(gitDir: string): Promise<void> {
  await appendFile(join(gitDir, 'config'), '[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n');
}

async function putHeadOn(gitDir: string, branchName: string, signal?: AbortSignal): Promise<void> {
  await runGit({
    purpose: `putting ${gitDir} on the branch ${branchName}`,
    gitDir,
    args: ['symbolic-ref', 'HEAD', `refs/heads/${branchName}`],
    signal,
  });
}
