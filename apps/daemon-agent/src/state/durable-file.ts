import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { nameDiskFull } from './disk-full-error.js';

/** Names that an interrupted write may leave behind; readers of a folder skip them. */
export const TEMPORARY_SUFFIX = '.partial';

/**
 * Writes a file so that a crash or power loss leaves the old content, the new content, or no file, but never
 * a part of it: temporary file, fsync, rename, fsync of the folder. Once it resolves, the content is on disk.
 *
 * @throws DiskFullError; nothing of the write remains
 */
export async function writeDurably(path: string, content: Uint8Array | string): Promise<void> {
  const temporary = join(dirname(path), `.${randomUUID()}${TEMPORARY_SUFFIX}`);
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw nameDiskFull(path, error);
  }
  await syncFolder(dirname(path));
}

/** Moves a file within its disk; once it resolves the move is on disk. */
export async function moveDurably(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncFolder(dirname(to));
  await syncFolder(dirname(from));
}

/**
 * Removes a file, if it is there. A power loss may bring it back; callers must be able to remove it twice.
 */
export async function removeFile(path: string): Promise<void> {
  await rm(path, { force: true });
}

/** The content, or undefined when there is no such file. */
export async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
