import { basename, dirname, join, relative } from 'node:path';
import { GitError } from '../run/git-error.js';

/** The git dir of a task, beside its worktree. */
const GIT_DIR_NAME = 'repository.git';

/** Where a worktree and its git dir are, or are to be. */
export interface RepositoryPlace {
  /** What is made under another name and renamed into place as a whole. */
  rootDir: string;
  worktreeDir: string;
  gitDir: string;
}

/**
 * Pure: with a task folder, the git dir lies in it beside the worktree, so that nothing which replaces `.git`
 * in the worktree replaces the repository. Without one it is the `.git` of a repository that anybody may
 * move.
 *
 * @param taskDir the folder right above `worktreeDir`, for nothing else
 */
export function repositoryPlace(worktreeDir: string, taskDir?: string): RepositoryPlace {
  if (taskDir === undefined) {
    return { rootDir: worktreeDir, worktreeDir, gitDir: join(worktreeDir, '.git') };
  }
  if (dirname(worktreeDir) !== taskDir || basename(worktreeDir) === GIT_DIR_NAME) {
    throw new GitError('UNSAFE_WORKTREE', `The worktree ${worktreeDir} is not right below ${taskDir}.`, {
      nextStep: 'Give each task a folder of its own, with its worktree in it.',
    });
  }
  return { rootDir: taskDir, worktreeDir, gitDir: join(taskDir, GIT_DIR_NAME) };
}

/** Pure: the same place while it still has another name. */
export function stagedPlace(place: RepositoryPlace, stagingDir: string): RepositoryPlace {
  const { rootDir, worktreeDir, gitDir } = place;
  const below = (path: string): string => join(stagingDir, relative(rootDir, path));
  return { rootDir: stagingDir, worktreeDir: below(worktreeDir), gitDir: below(gitDir) };
}

/** Pure: the task folder that a git dir and a worktree lie in together; null for any other layout. */
export function taskFolderOf(worktreeDir: string, gitDir: string | undefined): string | null {
  const taskDir = dirname(worktreeDir);
  return gitDir === join(taskDir, GIT_DIR_NAME) ? taskDir : null;
}
