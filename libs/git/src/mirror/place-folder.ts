import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { describeWorktree } from '../worktree/describe-worktree.js';
import { removeFolder } from './remove-folder.js';
import { lstatPath } from '../worktree/lstat-path.js';
import { runGit } from '../run/run-git.js';

/** A name beside the final one, so that the last step is a rename within one file system. */
export async function chooseStagingDir(worktreeDir: string): Promise<string> {
  const parent = dirname(worktreeDir);
  await mkdir(parent, { recursive: true });
  return join(parent, `${stagingPrefix(worktreeDir)}${randomUUID()}`);
}

/**
 * Removes what killed attempts at this same worktree left. They were never in place, so nobody has worked in
 * them.
 */
export async function removeStagingLeftovers(worktreeDir: string): Promise<void> {
  const parent = dirname(worktreeDir);
  const names = await readdir(parent).catch(() => []);
  const leftovers = names.filter((name) => name.startsWith(stagingPrefix(worktreeDir)));
  for (const name of leftovers) await removeFolder(join(parent, name));
}

/**
 * Renames a finished folder into place. What is already there may be someone's work: it is moved aside, never
 * deleted.
 *
 * @returns where the existing folder is now, or null when there was none
 */
export async function placeFolder(stagingDir: string, worktreeDir: string): Promise<string | null> {
  const movedAsideTo = await moveAside(worktreeDir);
  try {
    await rename(stagingDir, worktreeDir);
  } catch (error) {
    if (movedAsideTo !== null) await rename(movedAsideTo, worktreeDir);
    throw error;
  }
  if (movedAsideTo !== null) await tellItsRepository(movedAsideTo);
  return movedAsideTo;
}

async function moveAside(worktreeDir: string): Promise<string | null> {
  if ((await lstatPath(worktreeDir)) === null) return null;
  const isRemoved = await rmdir(worktreeDir).then(
    () => true,
    () => false,
  );
  if (isRemoved) return null;
  const time = new Date().toISOString().replaceAll(/[-:]|\..*$/g, '');
  const aside = `${worktreeDir}.aside-${time}-${randomUUID().slice(0, 8)}`;
  await rename(worktreeDir, aside);
  return aside;
}

/** A linked worktree that was moved would be pruned by its repository, and with it its index and HEAD. */
async function tellItsRepository(movedDir: string): Promise<void> {
  const worktree = await describeWorktree(movedDir).catch(() => null);
  if (worktree === null || worktree.gitDir === worktree.commonDir) return;
  await runGit({
    purpose: `keeping the worktree ${movedDir}`,
    gitDir: worktree.commonDir,
    args: ['worktree', 'repair', movedDir],
  });
}

function stagingPrefix(worktreeDir: string): string {
  return `.${basename(worktreeDir)}.patchpoint-`;
}
