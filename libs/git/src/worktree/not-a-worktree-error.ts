import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { GitError } from '../run/git-error.js';

/** What is wrong with a folder that cannot be taken for the top of a worktree. */
export type WorktreeFault =
  /** It is missing, no folder, or not ours to enter. */
  | 'no-folder'
  /** Neither it nor a folder above it has a `.git`. */
  | 'no-repository'
  /** It lies inside a worktree. */
  | 'not-the-top'
  /** There is a repository, with which git does not work: damaged, moved, bare, misconfigured. */
  | 'unusable';

/** `NOT_A_WORKTREE`, with the kind of the fault, as the right advice depends on it and on who is advised. */
export class NotAWorktreeError extends GitError {
  constructor(
    readonly fault: WorktreeFault,
    message: string,
    details: { nextStep: string; stderr?: string; cause?: unknown },
  ) {
    super('NOT_A_WORKTREE', message, details);
  }
}

/** A folder that cannot be entered. */
export function noFolder(folder: string, why: string, cause?: unknown): NotAWorktreeError {
  return new NotAWorktreeError('no-folder', `${folder} is no git worktree: ${why}.`, {
    nextStep: 'Check the path.',
    cause,
  });
}

/** A folder whose worktree has its top somewhere else, as git finds it. */
export function notTheTop(folder: string, realDir: string, topDir: string): NotAWorktreeError {
  const message = `${folder} is not the top folder of a git worktree: git says that is ${topDir}.`;
  return realDir.startsWith(`${topDir}/`)
    ? new NotAWorktreeError('not-the-top', message, { nextStep: `Name that one: ${topDir}.` })
    : new NotAWorktreeError('unusable', message, {
        nextStep: 'Correct the setting core.worktree of its repository.',
      });
}

/**
 * A folder in which git found no worktree.
 *
 * @param stderr what it said, which is part of the message
 */
export function notFoundByGit(folder: string, realDir: string, stderr: string): NotAWorktreeError {
  const dotGit = nearestDotGit(realDir);
  if (dotGit === undefined && /not a git repository \(or any/.test(stderr)) {
    return new NotAWorktreeError('no-repository', `${folder} is in no git repository.`, {
      nextStep: 'Name the top folder of a git worktree.',
      stderr,
    });
  }
  return new NotAWorktreeError('unusable', `git cannot use the repository of ${folder}.`, {
    nextStep: repairOf(stderr),
    stderr,
  });
}

/** What git looked at. */
function nearestDotGit(folder: string): string | undefined {
  const dotGit = join(folder, '.git');
  if (existsSync(dotGit)) return dotGit;
  return folder === dirname(folder) ? undefined : nearestDotGit(dirname(folder));
}

function repairOf(stderr: string): string {
  if (/must be run in a work tree/.test(stderr)) return 'It has no files of its own: name a worktree of it.';
  if (/not a git repository: .*\/worktrees\//.test(stderr)) {
    return 'If its main repository was moved, run `git worktree repair` there.';
  }
  return 'Repair it first: `git status` must work in it.';
}
