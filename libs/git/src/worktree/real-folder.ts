import { access, constants, realpath, stat } from 'node:fs/promises';
import { noFolder } from './not-a-worktree-error.js';

/**
 * The real path of a folder in which git can be started.
 *
 * @throws NotAWorktreeError when it is missing, no folder, or may not be entered
 */
export async function realFolder(folder: string): Promise<string> {
  try {
    const realDir = await realpath(folder);
    if (!(await stat(realDir)).isDirectory()) throw noFolder(folder, 'it is no folder');
    await access(realDir, constants.X_OK);
    return realDir;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw noFolder(folder, 'there is no such folder', cause);
    if (code === 'EACCES') throw noFolder(folder, 'you may not enter it', cause);
    throw cause;
  }
}
