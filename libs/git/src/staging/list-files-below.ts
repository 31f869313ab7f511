import { readdir } from 'node:fs/promises';
import { reasonOfCode } from '../values/omission.js';
import { joinPath } from '../worktree/lstat-path.js';
import { dependencyFolderOf } from './dependency-folders.js';
import type { UnseenPath } from './plan-staging.js';

/** Ignored folders may hold data sets: no capture waits until all of one is read. */
const MAX_FILES = 100_000;

export interface FilesBelow {
  paths: Buffer[];
  /** Folders that could not be read, and the one in which there were too many files. */
  unseen: UnseenPath[];
}

/**
 * Files and links in some folders and all folders below them, except dependency folders and nested
 * repositories.
 *
 * @param folders in a worktree, each with a slash at its end
 */
export async function listFilesBelow(
  worktreeDir: string,
  folders: readonly Buffer[],
  maxFiles = MAX_FILES,
): Promise<FilesBelow> {
  const found: FilesBelow = { paths: [], unseen: [] };
  const waiting: string[] = [];
  const search = (folder: string): void => {
    if (dependencyFolderOf(folder) === null) waiting.push(folder);
  };
  for (const folder of folders.toReversed()) search(folder.toString('latin1'));
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    const entries = await readFolder(worktreeDir, folder, found);
    if (entries.some(({ name }) => name === '.git')) continue;
    for (const entry of entries) {
      const path = `${folder}${entry.name}`;
      if (entry.isDirectory()) search(`${path}/`);
      else if (entry.isFile() || entry.isSymbolicLink()) found.paths.push(Buffer.from(path, 'latin1'));
    }
    if (found.paths.length <= maxFiles) continue;
    found.unseen.push({
      path: Buffer.from(folder, 'latin1'),
      reason: `not-used: more than ${maxFiles} ignored files; what to include is not sought in the rest of them`,
    });
    break;
  }
  return found;
}

async function readFolder(worktreeDir: string, folder: string, { unseen }: FilesBelow) {
  const path = Buffer.from(folder, 'latin1');
  return readdir(joinPath(worktreeDir, path), { withFileTypes: true, encoding: 'latin1' }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR')
        unseen.push({ path, reason: reasonOfCode(error) });
      return [];
    },
  );
}
