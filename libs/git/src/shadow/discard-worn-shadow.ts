import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Shadow } from './shadow.js';

/** The number of loose objects that git allows by default before it collects garbage (`gc.auto`). */
const MAX_OBJECTS = 6700;
/** Total size of hashed files; on disk they are compressed. */
const MAX_HASHED_BYTES = 1024 * 1024 * 1024;

/**
 * Deletes a shadow that has collected so much from captures that its disk would fill. Called after a capture:
 * its objects are not read again, and the next capture creates the shadow from scratch (0.2 s on 30,000
 * files).
 *
 * Not `git gc`, which would walk the whole history of the worktree's repository. May be killed at any step.
 */
export async function discardWornShadow(shadow: Shadow, hashedBytes: number): Promise<void> {
  if (hashedBytes <= MAX_HASHED_BYTES && (await estimateObjects(shadow)) <= MAX_OBJECTS) return;
  await removeShadow(shadow.gitDir);
}

/** Removes a shadow so that no half of it remains. May run twice. */
export async function removeShadow(shadowDir: string): Promise<void> {
  const discardedDir = `${shadowDir}.discarded`;
  await rm(discardedDir, { recursive: true, force: true });
  await rename(shadowDir, discardedDir).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  await rm(discardedDir, { recursive: true, force: true });
}

/** From one of the 256 folders over which git spreads objects evenly, as `git gc --auto` does. */
async function estimateObjects(shadow: Shadow): Promise<number> {
  const names = await readdir(join(shadow.gitDir, 'objects', '17')).catch(() => []);
  return names.length * 256;
}
