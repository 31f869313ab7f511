import { rename, rm } from 'node:fs/promises';
import { countObjects } from './count-objects.js';
import { packLooseObjects } from './pack-loose-objects.js';
import { readLearned, writeLearned } from './shadow-index.js';
import type { Shadow } from './shadow.js';

/** The number of loose objects that git allows by default before it collects garbage (`gc.auto`). */
const MAX_OBJECTS = 6700;
/** Total size of hashed files; on disk they are compressed. */
const MAX_HASHED_BYTES = 1024 * 1024 * 1024;

/**
 * Deletes a shadow that has collected so much from captures that its disk would fill. Called after a capture:
 * its objects are not read again, and the next capture creates the shadow from scratch (0.2 s on 30,000
 * files). What the state itself needs is no wear: 160,000 untracked files would all be hashed again.
 *
 * Not `git gc`, which would walk the whole history of the worktree's repository. May be killed at any step.
 */
export async function discardWornShadow(snapshot: {
  shadow: Shadow;
  hashedBytes: number;
  untracked: { length: number };
  untrackedBytes: number;
}): Promise<void> {
  const { shadow, hashedBytes, untracked, untrackedBytes } = snapshot;
  const { loose, packed } = await countObjects(shadow.gitDir);
  const isWorn =
    hashedBytes > MAX_HASHED_BYTES + 2 * untrackedBytes ||
    loose + packed > MAX_OBJECTS + 2 * untracked.length;
  if (!isWorn) return loose > MAX_OBJECTS ? packLooseObjects(shadow.gitDir) : undefined;
  const learned = await readLearned(shadow);
  await removeShadow(shadow.gitDir);
  if (learned !== null) await writeLearned(shadow, learned);
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
