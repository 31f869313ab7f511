import {
  chmodSync,
  chownSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EmbeddedError } from '../embedded-error.js';

/** Another user of this machine could read or replace what is kept there. Says what to do. */
export class NotPrivateError extends EmbeddedError {}

/**
 * Makes a folder that only its owner can enter (0700), whatever the umask says. One that is there is closed:
 * whoever made it, by hand or in an earlier version, need not have thought of other users.
 *
 * @param through who may pass through it, and not list it: a group (0710) or anyone (0711), for a process
 *   that runs as another user
 * @throws NotPrivateError for a folder of another user, and for one that is for everybody, such as /tmp
 */
export function privateFolder(path: string, through?: number | 'anyone'): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const { uid, gid, mode } = requireOwn(path);
  if ((mode & 0o1000) !== 0) {
    throw new NotPrivateError(
      `${path} is for every user of this machine (sticky), and what is kept there is not. Name a folder of its own in it.`,
    );
  }
  const wanted = through === undefined ? 0o700 : through === 'anyone' ? 0o711 : 0o710;
  if (typeof through === 'number' && gid !== through) chownSync(path, uid, through);
  if ((mode & 0o7777) !== wanted) chmodSync(path, wanted);
}

/** Replaces a file at once, by one that only its owner can read (0600). Its folder must be private. */
export function writePrivately(path: string, content: string): void {
  const unfinished = `${path}.new`;
  rmSync(unfinished, { force: true });
  writeFileSync(unfinished, content, { mode: 0o600, flag: 'wx' });
  renameSync(unfinished, path);
}

/**
 * What a file holds that only its owner can read; undefined when there is none.
 *
 * @throws NotPrivateError when others can read it, who may know by now what it holds
 */
export function readPrivately(path: string): string | undefined {
  try {
    if ((requireOwn(path).mode & 0o077) !== 0) {
      throw new NotPrivateError(
        `${path} can be read by other users of this machine, who may know by now what it holds. ` +
          'Remove it: the next start of the server makes another one. If nobody has read it, `chmod 600` it.',
      );
    }
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Opens a file to append to that only its owner can read, one from before included.
 *
 * @throws NotPrivateError for a file of another user
 */
export async function openPrivately(path: string): Promise<FileHandle> {
  const file = await open(path, 'a', 0o600);
  try {
    requireOwn(path);
    await file.chmod(0o600);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

function requireOwn(path: string): { uid: number; gid: number; mode: number } {
  const found = statSync(path);
  const self = process.geteuid?.();
  if (self === undefined || found.uid === self) return found;
  throw new NotPrivateError(
    `${path} belongs to another user (${found.uid}), who could read and replace what is kept there. ` +
      `Take it over (\`chown -R ${self} '${path}'\`), or use another folder than ${dirname(path)}.`,
  );
}
