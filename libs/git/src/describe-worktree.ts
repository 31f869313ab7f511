import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { GitError } from './git-error.js';
import { firstLine, runGit } from './run-git.js';
import type { ObjectFormat } from './sha.js';

/** Something git has begun and waits for its end; what lies on disk is then half of it. */
export type OperationInProgress = 'merge' | 'rebase' | 'am' | 'cherry-pick' | 'revert' | 'bisect';

export interface WorktreeDescription {
  worktreeDir: string;
  /** Where this worktree's HEAD and index are. */
  gitDir: string;
  /** Where the repository's refs, objects and configuration are; the same as `gitDir` but in linked worktrees. */
  commonDir: string;
  objectsDir: string;
  indexFile: string;
  excludeFile: string;
  objectFormat: ObjectFormat;
  /** Null while the branch is unborn. */
  headSha: string | null;
  /** Null when HEAD is detached. */
  branchName: string | null;
  operation: OperationInProgress | null;
}

/**
 * Finds out where a worktree keeps its parts and what it stands on. Reads only.
 *
 * @throws GitError `NOT_A_WORKTREE` (also for a folder inside one), `UNSAFE_WORKTREE` for `/` and the home folder
 */
export async function describeWorktree(
  worktreeDir: string,
  signal?: AbortSignal,
): Promise<WorktreeDescription> {
  const realDir = await refuseUnwatchable(worktreeDir);
  const places = await locate(worktreeDir, realDir, signal);
  const [headSha, branchName] = await Promise.all([
    readHead(places.gitDir, signal),
    readBranch(places.gitDir, signal),
  ]);
  return { ...places, headSha, branchName, operation: operationInProgress(places.gitDir) };
}

async function refuseUnwatchable(worktreeDir: string): Promise<string> {
  let realDir: string;
  try {
    realDir = await realpath(worktreeDir);
  } catch (cause) {
    throw notAWorktree(worktreeDir, 'there is no such folder', { cause });
  }
  const realHome = await realpath(homedir()).catch(() => homedir());
  if (realDir !== '/' && realDir !== realHome) return realDir;
  throw new GitError(
    'UNSAFE_WORKTREE',
    `${worktreeDir} is the ${realDir === '/' ? 'root' : 'home'} folder.`,
    {
      nextStep: 'Name the worktree of one project.',
    },
  );
}

type Places = Omit<WorktreeDescription, 'headSha' | 'branchName' | 'operation'>;

async function locate(worktreeDir: string, realDir: string, signal?: AbortSignal): Promise<Places> {
  const { stdout } = await runGit({
    purpose: `locating the repository of ${worktreeDir}`,
    cwd: realDir,
    args: [
      'rev-parse',
      '--path-format=absolute',
      '--show-toplevel',
      '--absolute-git-dir',
      '--git-common-dir',
      '--git-path',
      'objects',
      '--git-path',
      'index',
      '--git-path',
      'info/exclude',
      '--show-object-format',
    ],
    signal,
    classify: () => ({ code: 'NOT_A_WORKTREE', nextStep: 'Name the top folder of a git worktree.' }),
  });
  const lines = stdout.toString('utf8').split('\n');
  const [topLevel, gitDir, commonDir, objectsDir, indexFile, excludeFile, objectFormat] = lines;
  if (lines.length !== 8) throw notAWorktree(worktreeDir, 'a folder name on its way holds a line break');
  if ((await realpath(topLevel!)) !== realDir)
    throw notAWorktree(worktreeDir, `its top folder is ${topLevel}`);
  return {
    worktreeDir: realDir,
    gitDir: gitDir!,
    commonDir: commonDir!,
    objectsDir: objectsDir!,
    indexFile: indexFile!,
    excludeFile: excludeFile!,
    objectFormat: objectFormat as ObjectFormat,
  };
}

async function readHead(gitDir: string, signal?: AbortSignal): Promise<string | null> {
  const { exitCode, stdout } = await runGit({
    purpose: `reading HEAD of ${gitDir}`,
    gitDir,
    args: ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'],
    expectedExitCodes: [0, 1],
    signal,
  });
  return exitCode === 0 ? firstLine(stdout) : null;
}

async function readBranch(gitDir: string, signal?: AbortSignal): Promise<string | null> {
  const { exitCode, stdout } = await runGit({
    purpose: `reading the branch of ${gitDir}`,
    gitDir,
    args: ['symbolic-ref', '--quiet', 'HEAD'],
    expectedExitCodes: [0, 1],
    signal,
  });
  return exitCode === 0 ? firstLine(stdout).replace(/^refs\/heads\//, '') : null;
}

function operationInProgress(gitDir: string): OperationInProgress | null {
  const has = (name: string): boolean => existsSync(join(gitDir, name));
  if (has('rebase-merge')) return 'rebase';
  if (has('rebase-apply')) return has('rebase-apply/applying') ? 'am' : 'rebase';
  if (has('MERGE_HEAD')) return 'merge';
  if (has('CHERRY_PICK_HEAD')) return 'cherry-pick';
  if (has('REVERT_HEAD')) return 'revert';
  if (has('BISECT_LOG')) return 'bisect';
  return null;
}

function notAWorktree(worktreeDir: string, why: string, details: { cause?: unknown } = {}): GitError {
  return new GitError('NOT_A_WORKTREE', `${worktreeDir} is not the top folder of a git worktree: ${why}.`, {
    nextStep: 'Name the top folder of a git worktree.',
    ...details,
  });
}
