import { makeRepository, type CreatedWorktree } from './make-repository.js';

/**
 * Makes a repository without commits or remote, for a task that starts from nothing (`new://name`). A folder
 * in the way is moved aside. May run again after a kill at any step.
 *
 * @param request.taskDir as in `makeRepository`
 * @throws GitError `BAD_REF`
 */
export async function createRepository(request: {
  worktreeDir: string;
  taskDir?: string;
  branchName: string;
  signal?: AbortSignal;
}): Promise<CreatedWorktree> {
  return makeRepository({ ...request, mirrorDir: null, headSha: null, objectFormat: 'sha1' });
}
