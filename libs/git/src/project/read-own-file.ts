import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** More is no list of rules, and no settings. */
const MAX_BYTES = 1024 * 1024;

/**
 * What a file holds that is written for Patchpoint or its like. A worktree may hold anything under its name:
 * links are not followed, and nothing is waited for.
 *
 * @returns null where there is nothing; `unusable` for what is no regular file, too large or not readable
 */
export async function readOwnFile(path: string): Promise<Buffer | 'unusable' | null> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(path, flags).catch(({ code }: NodeJS.ErrnoException) =>
    code === 'ENOENT' ? null : ('unusable' as const),
  );
  if (file === null || file === 'unusable') return file;
  try {
    const stat = await file.stat();
    return stat.isFile() && stat.size <= MAX_BYTES ? await file.readFile() : 'unusable';
  } catch {
    return 'unusable';
  } finally {
    await file.close();
  }
}
