import type { BigIntStats } from 'node:fs';
import { lstat } from 'node:fs/promises';

/** What lies at a path, links not followed; null when there is nothing. `path` is relative to `dir` and may hold any byte. */
export async function lstatPath(dir: string, path?: Buffer): Promise<BigIntStats | null> {
  try {
    return await lstat(path === undefined ? dir : joinPath(dir, path), { bigint: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}

export function joinPath(dir: string, path: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${dir}/`), path]);
}
