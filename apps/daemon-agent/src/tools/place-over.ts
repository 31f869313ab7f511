import { lstat, mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Moves a file from one folder to the same path in another on the same disk, over a file that is there. Never
 * through a link: that would reach beyond the folder.
 *
 * @param path relative to both, without `..`
 * @throws Error when a link or file is in the place of a folder, or a folder in that of the file
 */
export async function placeOver(fromDir: string, toDir: string, path: string): Promise<void> {
  const folder = dirname(path);
  let at = toDir;
  for (const name of folder === '.' ? [] : folder.split('/')) {
    at = join(at, name);
    const found = await lstat(at).catch(() => undefined);
    if (found !== undefined && !found.isDirectory()) throw new Error(`${at} is in the way of ${path}.`);
  }
  await mkdir(join(toDir, folder), { recursive: true });
  await rename(join(fromDir, path), join(toDir, path));
}
