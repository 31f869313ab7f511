import { realpath } from 'node:fs/promises';
import { neutralizeFilters } from '../conversions/neutralize-filters.js';
import { RUNS_NOTHING } from '../run/git-environment.js';
import { GitError } from '../run/git-error.js';
import { runGit } from '../run/run-git.js';

/** Nothing is written, and nothing fetched: the repository names the program that would do it. */
const NO_SIDE_EFFECTS = { GIT_OPTIONAL_LOCKS: '0', GIT_NO_LAZY_FETCH: '1', GIT_ALLOW_PROTOCOL: 'none' };

export interface WorktreeCheck {
  worktreeDir: string;
  /** As it was made; undefined for worktrees of older versions, which only have to be some worktree. */
  gitDir?: string | undefined;
  /** Of the agent that is to work there. */
  environment: Record<string, string>;
  signal?: AbortSignal | undefined;
}

/**
 * Whether plain git works in a worktree, as an agent would use it: found from the folder, with the agent's
 * environment and all configuration. Only programs that the repository names are not run.
 *
 * @returns null when it does, else why not, in git's own words where it has any
 */
export async function checkWorktree(check: WorktreeCheck): Promise<GitError | null> {
  const { worktreeDir, gitDir, environment, signal } = check;
  const plain = { cwd: worktreeDir, environment, fixedConfig: RUNS_NOTHING, signal };
  try {
    const { stdout } = await runGit({
      ...plain,
      purpose: `looking for the repository of ${worktreeDir}`,
      args: ['rev-parse', '--show-toplevel', '--absolute-git-dir'],
    });
    const [topDir, foundGitDir] = stdout.toString('utf8').split('\n') as [string, string];
    const expectedDir = await realpath(worktreeDir);
    if (topDir !== expectedDir) return unusable(worktreeDir, `git takes it for a part of ${topDir}`);
    if (gitDir !== undefined && foundGitDir !== (await realpath(gitDir))) {
      return unusable(worktreeDir, `git finds the repository ${foundGitDir} instead of ${gitDir}`);
    }
    await runGit({
      ...plain,
      purpose: `asking for the status of ${worktreeDir}`,
      config: await neutralizeFilters(foundGitDir, signal),
      variables: NO_SIDE_EFFECTS,
      args: ['status', '--porcelain', '--untracked-files=no', '--ignore-submodules=all'],
    });
    return null;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof GitError)
      return unusable(worktreeDir, `git says: ${error.stderr || error.message}`, error);
    return unusable(worktreeDir, (error as Error).message, error);
  }
}

function unusable(worktreeDir: string, why: string, cause?: unknown): GitError {
  return new GitError('UNUSABLE_WORKTREE', `Plain git does not work in ${worktreeDir}: ${why}.`, {
    nextStep: 'Look at it there: nothing in it was changed.',
    cause,
  });
}
