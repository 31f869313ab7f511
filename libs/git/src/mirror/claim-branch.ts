import { GitError } from '../run/git-error.js';
import { firstLine, runGit } from '../run/run-git.js';

const MAX_CANDIDATES = 1000;

/**
 * Makes a branch for a new worktree without ever taking one that holds something: when the wanted name is in
 * use, a number is added to it. A branch that is at this very commit and checked out nowhere holds nothing of
 * its own (a killed attempt left it) and is taken.
 *
 * @param startSha null for a branch that stays unborn
 * @returns the name taken, and whether the branch was made for it
 */
export async function claimBranch(
  gitDir: string,
  wanted: string,
  startSha: string | null,
  signal?: AbortSignal,
): Promise<{ name: string; isNew: boolean }> {
  const checkedOut = await listCheckedOut(gitDir, signal);
  for (let number = 1; number <= MAX_CANDIDATES; number += 1) {
    const name = number === 1 ? wanted : `${wanted}-${number}`;
    const ref = `refs/heads/${name}`;
    if (checkedOut.has(ref)) continue;
    const existing = await readRef(gitDir, ref, signal);
    if (existing !== null && existing === startSha) return { name, isNew: false };
    if (existing !== null) continue;
    if (startSha === null) return { name, isNew: false };
    await runGit({
      purpose: `making the branch ${name} in ${gitDir}`,
      gitDir,
      args: ['update-ref', ref, startSha, '0'.repeat(startSha.length)],
      signal,
    });
    return { name, isNew: true };
  }
  throw new GitError('BAD_REF', `${gitDir} has ${MAX_CANDIDATES} branches named like ${wanted}.`, {
    nextStep: 'Delete those that are no longer needed.',
  });
}

/** Deletes a branch again that was made for a worktree which did not come about, unless it has moved on. */
export async function releaseBranch(gitDir: string, name: string, startSha: string): Promise<void> {
  await runGit({
    purpose: `deleting the branch ${name} of ${gitDir} again`,
    gitDir,
    args: ['update-ref', '-d', `refs/heads/${name}`, startSha],
  });
}

async function listCheckedOut(gitDir: string, signal?: AbortSignal): Promise<Set<string>> {
  const { stdout } = await runGit({
    purpose: `listing the worktrees of ${gitDir}`,
    gitDir,
    args: ['worktree', 'list', '--porcelain', '-z'],
    signal,
  });
  const lines = stdout.toString('utf8').split('\0');
  return new Set(
    lines.filter((line) => line.startsWith('branch ')).map((line) => line.slice('branch '.length)),
  );
}

async function readRef(gitDir: string, ref: string, signal?: AbortSignal): Promise<string | null> {
  const { exitCode, stdout } = await runGit({
    purpose: `reading ${ref} of ${gitDir}`,
    gitDir,
    args: ['rev-parse', '--verify', '--quiet', '--end-of-options', ref],
    expectedExitCodes: [0, 1],
    signal,
  });
  return exitCode === 0 ? firstLine(stdout) : null;
}
