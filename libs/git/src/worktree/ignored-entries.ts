import { mkdir, rename } from 'node:fs/promises';
import { describeWorktree } from './describe-worktree.js';
import { LinkedFolders } from './linked-folders.js';
import { joinPath, lstatPath } from './lstat-path.js';
import { nulSeparated, runGit, type GitCall } from '../run/run-git.js';

/** A worktree and how git is to see it. */
type Location = Pick<GitCall, 'gitDir' | 'indexFile' | 'config' | 'signal'> & { workTree: string };

/**
 * What an ignore rule matches in a worktree and its index does not hold: files, and folders in which there is
 * nothing else (they end in `/`). Paths from its top.
 */
export async function listIgnoredEntries(location: Location): Promise<Buffer[]> {
  const { stdout } = await runGit({
    ...location,
    purpose: `listing the ignored files of ${location.workTree}`,
    args: ['ls-files', '--others', '--ignored', '--exclude-standard', '--directory', '-z'],
  });
  return nulSeparated(stdout);
}

/** As {@link listIgnoredEntries}, by the index and the settings that the worktree itself has. */
export async function listOwnIgnoredEntries(
  worktreeDir: string,
  gitDir?: string,
  signal?: AbortSignal,
): Promise<Buffer[]> {
  const worktree = await describeWorktree(worktreeDir, signal, gitDir);
  return listIgnoredEntries({
    gitDir: worktree.gitDir,
    workTree: worktreeDir,
    indexFile: worktree.indexFile,
    config: [`core.excludesFile=${worktree.settings.excludesFile}`],
    signal,
  });
}

/**
 * Moves such entries from one worktree to another on the same disk. What is in the way there stays, and so
 * does what would be moved through a link.
 *
 * @returns those that were not moved
 */
export async function moveIgnoredEntries(
  fromDir: string,
  toDir: string,
  entries: readonly Buffer[],
): Promise<Buffer[]> {
  const links = new LinkedFolders(toDir);
  const left: Buffer[] = [];
  for (const entry of entries) {
    const path = entry.at(-1) === SLASH ? entry.subarray(0, -1) : entry;
    const isFree = !(await links.isBehindLink(path)) && (await lstatPath(toDir, path)) === null;
    if (!isFree || !(await tryMove(fromDir, toDir, path))) left.push(entry);
  }
  return left;
}

const SLASH = 0x2f;

async function tryMove(fromDir: string, toDir: string, path: Buffer): Promise<boolean> {
  const to = joinPath(toDir, path);
  try {
    await mkdir(to.subarray(0, to.lastIndexOf('/')), { recursive: true });
    await rename(joinPath(fromDir, path), to);
    return true;
  } catch {
    return false;
  }
}
