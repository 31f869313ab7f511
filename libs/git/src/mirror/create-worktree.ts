import { makeRepository, type CreatedWorktree } from './make-repository.js';
import { GitError } from '../run/git-error.js';
import { firstLine, runGit } from '../run/run-git.js';
import { requireRefName } from '../values/ref-name.js';
import { isEmptyTree, objectFormatOf } from '../values/sha.js';

/**
 * Makes a worktree of what a mirror has, in a repository of its own. What is in the way is kept under another
 * name. May run again after a kill at any step: the folder is renamed into place last.
 *
 * @param request.taskDir as in `makeRepository`
 * @param request.startPoint a commit id, a remote branch such as `origin/main`, or the empty tree's id for a
 *   branch without commits
 * @throws GitError `BAD_REF`, `NO_BASE_COMMIT` when the start point is not in the mirror
 */
export async function createWorktree(request: {
  mirrorDir: string;
  worktreeDir: string;
  taskDir?: string;
  branchName: string;
  startPoint: string;
  signal?: AbortSignal;
}): Promise<CreatedWorktree> {
  const { startPoint, ...rest } = request;
  requireRefName(request.branchName, 'branchName');
  const headSha = await resolveStart(request.mirrorDir, startPoint, request.signal);
  return makeRepository({ ...rest, headSha, objectFormat: objectFormatOf(headSha ?? startPoint) });
}

async function resolveStart(
  mirrorDir: string,
  startPoint: string,
  signal?: AbortSignal,
): Promise<string | null> {
  if (isEmptyTree(startPoint)) return null;
  requireRefName(startPoint, 'startPoint');
  const { exitCode, stdout, stderr } = await runGit({
    purpose: `looking for ${startPoint} in ${mirrorDir}`,
    gitDir: mirrorDir,
    args: ['rev-parse', '--verify', '--quiet', '--end-of-options', `${startPoint}^{commit}`],
    expectedExitCodes: [0, 1, 128],
    signal,
  });
  if (exitCode === 0) return firstLine(stdout);
  throw new GitError('NO_BASE_COMMIT', `${startPoint} is no commit of ${mirrorDir}.`, {
    nextStep: 'Name a branch or commit that the source has.',
    stderr,
  });
}
