import { constants } from 'node:fs';
import { chmod, lstat, mkdir, open, rename, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Moves a file from one folder to the same path in another on the same disk, over a file that is there. Never
 * through a link: that would reach beyond the folder. Folders that are missing get the permissions of those
 * that the file comes from, and their owner may write in them.
 *
 * An agent may put a link in the place of a folder at any moment. On Linux each folder is opened in the one
 * above it and held, so that a later change of its name leads nowhere else; elsewhere it is looked at before.
 *
 * @param path relative to both, without `..`
 * @throws Error when a link or file is in the place of a folder, or a folder in that of the file
 */
export async function placeOver(fromDir: string, toDir: string, path: string): Promise<void> {
  const folder = dirname(path);
  const names = folder === '.' ? [] : folder.split('/');
  const held: FileHandle[] = [];
  try {
    let from = fromDir;
    let to = toDir;
    for (const name of names) {
      from = join(from, name);
      await makeFolder(join(to, name), from);
      to = await hold(join(to, name), held, path);
    }
    await mayWrite(from);
    await rename(join(from, basename(path)), join(to, basename(path)));
  } finally {
    for (const handle of held) await handle.close();
  }
}

async function makeFolder(folder: string, like: string): Promise<void> {
  const mode = ((await lstat(like)).mode & 0o777) | 0o700;
  await mkdir(folder, { mode }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}

/** @returns a path of the folder that stays its own, whatever becomes of its name */
async function hold(folder: string, held: FileHandle[], path: string): Promise<string> {
  const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
  const handle = await open(folder, flags).catch(() => undefined);
  if (handle === undefined) throw new Error(`${basename(folder)} is in the way of ${path}.`);
  held.push(handle);
  return process.platform === 'linux' ? `/proc/self/fd/${handle.fd}` : folder;
}

/** A folder that was restored as read-only must give its file away. */
async function mayWrite(folder: string): Promise<void> {
  await chmod(folder, (await lstat(folder)).mode | 0o700);
}
