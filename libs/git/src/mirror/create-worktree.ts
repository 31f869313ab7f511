import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { claimBranch, releaseBranch } from './claim-branch.js';
import { GitError } from '../run/git-error.js';
import { neutralizeFilters } from '../conversions/neutralize-filters.js';
import { chooseStagingDir, placeFolder, removeStagingLeftovers } from './place-folder.js';
import { requireRefName } from '../values/ref-name.js';
import { firstLine, runGit } from '../run/run-git.js';
import { runExclusive } from '../run/run-exclusive.js';
import { isEmptyTree } from '../values/sha.js';

export interface CreatedWorktree {
  worktreeDir: string;
  /** The one used: the wanted one, or with a number when that one was in use. */
  branchName: string;
  /** Null on an unborn branch. */
  headSha: string | null;
  /** Where a folder that was in the way is now. */
  movedAsideTo: string | null;
}

/**
 * Makes a worktree of a mirror, on a branch of its own. What is in the way, a folder or a branch, is kept
 * under another name. May run again after a kill at any step: the folder is renamed into place last.
 *
 * @param request.startPoint a commit id, a remote branch such as `origin/main`, or the empty tree's id for a
 *   branch without commits
 * @throws GitError `BAD_REF`, `NO_BASE_COMMIT` when the start point is not in the mirror
 */
export async function createWorktree(request: {
  mirrorDir: string;
  worktreeDir: string;
  branchName: string;
  startPoint: string;
  signal?: AbortSignal;
}): Promise<CreatedWorktree> {
  return addWorktree({ ...request, fill: async () => {} });
}

/**
 * As `createWorktree`; `fill` does its work in the folder before anybody sees it, and when it throws nothing
 * is left.
 */
export async function addWorktree(request: {
  mirrorDir: string;
  worktreeDir: string;
  branchName: string;
  startPoint: string;
  fill: (stagingDir: string) => Promise<void>;
  signal?: AbortSignal | undefined;
}): Promise<CreatedWorktree> {
  const { mirrorDir, worktreeDir, signal } = request;
  requireRefName(request.branchName, 'branchName');
  const headSha = await resolveStart(mirrorDir, request.startPoint, signal);
  const stagingDir = await chooseStagingDir(worktreeDir);
  try {
    // Two `worktree add` in one repository at once can trip over each other's half-made entries.
    await runExclusive(mirrorDir, async () => {
      await removeStagingLeftovers(worktreeDir);
      await prune(mirrorDir);
      await addDetached(mirrorDir, stagingDir, headSha, signal);
    });
    await request.fill(stagingDir);
    return await runExclusive(mirrorDir, async () => {
      signal?.throwIfAborted();
      const { name: branchName, isNew } = await claimBranch(mirrorDir, request.branchName, headSha, signal);
      try {
        await attach(stagingDir, worktreeDir, branchName);
        const movedAsideTo = await placeFolder(stagingDir, worktreeDir);
        return { worktreeDir, branchName, headSha, movedAsideTo };
      } catch (error) {
        if (isNew && headSha !== null) await releaseBranch(mirrorDir, branchName, headSha);
        throw error;
      }
    });
  } catch (error) {
    await runExclusive(mirrorDir, async () => {
      await rm(stagingDir, { recursive: true, force: true });
      await prune(mirrorDir);
    });
    throw error;
  }
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

/** Forgets worktrees whose folders are gone; otherwise their branches count as checked out for ever. */
export async function prune(mirrorDir: string): Promise<void> {
  await runGit({
    purpose: `forgetting vanished worktrees of ${mirrorDir}`,
    gitDir: mirrorDir,
    args: ['worktree', 'prune'],
  });
}

async function addDetached(
  mirrorDir: string,
  stagingDir: string,
  headSha: string | null,
  signal?: AbortSignal,
): Promise<void> {
  await runGit({
    purpose: `making a worktree at ${headSha ?? 'no commit'} from ${mirrorDir}`,
    gitDir: mirrorDir,
    // Files are written by as many processes as there are cores: the larger part of a restore.
    config: ['checkout.workers=0', ...(await neutralizeFilters(mirrorDir, signal))],
    args: [
      'worktree',
      'add',
      '--quiet',
      '--detach',
      '--',
      stagingDir,
      headSha ?? (await emptyCommit(mirrorDir)),
    ],
    signal,
  });
}

/** `worktree add --orphan` came with git 2.42; before that a worktree needs a commit to start from. */
async function emptyCommit(mirrorDir: string): Promise<string> {
  const identity = { NAME: 'Patchpoint', EMAIL: 'patchpoint@localhost', DATE: '@0 +0000' };
  const variables: Record<string, string> = {};
  for (const [key, value] of Object.entries(identity)) {
    variables[`GIT_AUTHOR_${key}`] = value;
    variables[`GIT_COMMITTER_${key}`] = value;
  }
  const call = { purpose: `preparing an empty start in ${mirrorDir}`, gitDir: mirrorDir };
  const tree = await runGit({ ...call, args: ['mktree'], input: Buffer.alloc(0) });
  const args = ['commit-tree', '--no-gpg-sign', '-m', 'Empty start', firstLine(tree.stdout)];
  return firstLine((await runGit({ ...call, args, variables })).stdout);
}

/** Puts the worktree on its branch and tells its repository where the folder is about to be. */
async function attach(stagingDir: string, worktreeDir: string, branchName: string): Promise<void> {
  const gitFile = await readFile(join(stagingDir, '.git'), 'utf8');
  const gitDir = gitFile.replace(/^gitdir: /, '').trimEnd();
  await runGit({
    purpose: `putting ${worktreeDir} on the branch ${branchName}`,
    gitDir,
    args: ['symbolic-ref', 'HEAD', `refs/heads/${branchName}`],
  });
  // Not `worktree move`: it refuses worktrees with submodules. The file is documented in
  // gitrepository-layout(5).
  await writeFile(join(gitDir, 'gitdir'), `${join(worktreeDir, '.git')}\n`);
}
