import type { BigIntStats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { reasonOfCode } from '../values/omission.js';
import { Unseen } from './unseen.js';

/**
 * What is at a path, links not followed; null if there is nothing. `path` is relative to `dir` and may
 * contain any byte.
 */
export async function lstatPath(dir: string, path?: Buffer): Promise<BigIntStats | null> {
  try {
    return await lstat(path === undefined ? dir : joinPath(dir, path), { bigint: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // The last: a loop of links in the path, behind which there can be nothing.
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP') return null;
    throw error;
  }
}

/** As `lstatPath`, and never throws: no single path may end the capture of the others. */
export async function lookAt(dir: string, path: Buffer): Promise<BigIntStats | null | Unseen> {
  try {
    return await lstatPath(dir, path);
  } catch (error) {
    return new Unseen(reasonOfCode(error as NodeJS.ErrnoException));
  }
}

/** Concurrent calls; enough to keep Node's four file system threads busy. */
const BATCH = 256;

/** As `lookAt` for many, in their order. */
export async function lookAtEach(
  dir: string,
  paths: readonly Buffer[],
  take: (path: Buffer, found: BigIntStats | null | Unseen) => void,
): Promise<void> {
  for (let start = 0; start < paths.length; start += BATCH) {
    const batch = paths.slice(start, start + BATCH);
    const found = await Promise.all(batch.map((path) => lookAt(dir, path)));
    for (const [at, path] of batch.entries()) take(path, found[at] ?? null);
  }
}

export function joinPath(dir: string, path: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${dir}/`), path]);
}
