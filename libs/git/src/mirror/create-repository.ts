import { rm } from 'node:fs/promises';
import type { CreatedWorktree } from './create-worktree.js';
import { chooseStagingDir, placeFolder, removeStagingLeftovers } from './place-folder.js';
import { requireRefName } from '../values/ref-name.js';
import { runGit } from '../run/run-git.js';
import { runExclusive } from '../run/run-exclusive.js';
import type { ObjectFormat } from '../values/sha.js';

/**
 * Makes a repository without commits or remote, for a task that starts from nothing (`new://name`). A folder
 * in the way is moved aside. May run again after a kill at any step.
 *
 * @throws GitError `BAD_REF`
 */
export async function createRepository(request: {
  worktreeDir: string;
  branchName: string;
  signal?: AbortSignal;
}): Promise<CreatedWorktree> {
  return initRepository({ ...request, objectFormat: 'sha1', fill: async () => {} });
}

/**
 * As `createRepository`; `fill` does its work in the folder before anybody sees it, and when it throws
 * nothing is left.
 */
export async function initRepository(request: {
  worktreeDir: string;
  branchName: string;
  /** What `fill` puts the branch on. */
  headSha?: string | null;
  objectFormat: ObjectFormat;
  fill: (stagingDir: string) => Promise<void>;
  signal?: AbortSignal | undefined;
}): Promise<CreatedWorktree> {
  const { worktreeDir, branchName, objectFormat, signal } = request;
  requireRefName(branchName, 'branchName');
  return runExclusive(worktreeDir, async () => {
    await removeStagingLeftovers(worktreeDir);
    const stagingDir = await chooseStagingDir(worktreeDir);
    try {
      await runGit({
        purpose: `making the repository ${worktreeDir}`,
        args: [
          'init',
          '--quiet',
          '--template=',
          `--initial-branch=${branchName}`,
          `--object-format=${objectFormat}`,
          '--',
          stagingDir,
        ],
        signal,
      });
      await request.fill(stagingDir);
      const movedAsideTo = await placeFolder(stagingDir, worktreeDir);
      return { worktreeDir, branchName, headSha: request.headSha ?? null, movedAsideTo };
    } catch (error) {
      await rm(stagingDir, { recursive: true, force: true });
      throw error;
    }
  });
}
