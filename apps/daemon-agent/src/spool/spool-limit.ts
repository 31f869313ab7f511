import type { SpooledCheckpoint } from './spooled-checkpoint.js';

/**
 * Pure: the entries that may be evicted when space is needed, in the order given. An entry may be evicted
 * when a newer one of the same task and attempt can be restored on its own. Always kept:
 *
 * - the newest of each attempt that can be restored on its own, and all after it. Of each attempt, not only
 *   of each task: a later attempt may not have continued from where this one ended
 * - manual ones, which somebody asked for, and the answers to such requests
 */
export function supersededEntries(entries: readonly SpooledCheckpoint[]): SpooledCheckpoint[] {
  const newestSelfContained = new Map<string, number>();
  for (const entry of entries) {
    if (!entry.isSelfContained) continue;
    const newest = newestSelfContained.get(attemptOf(entry)) ?? 0;
    newestSelfContained.set(attemptOf(entry), Math.max(newest, entry.sequence));
  }
  return entries.filter(
    (entry) => entry.kind !== 'manual' && entry.sequence < (newestSelfContained.get(attemptOf(entry)) ?? 0),
  );
}

export type Room =
  /** Keep it, and evict these once it is on disk. */
  | { fits: true; superseded: SpooledCheckpoint[] }
  /** Not even without all that may go. */
  | { fits: false; missingBytes: number };

/** Pure: what must be evicted, the oldest first, so that the spool stays within its limit with `incoming`. */
export function makeRoom(
  pending: readonly SpooledCheckpoint[],
  incoming: SpooledCheckpoint,
  limitBytes: number,
): Room {
  let missingBytes = sizeOf([...pending, incoming]) - limitBytes;
  const superseded: SpooledCheckpoint[] = [];
  for (const entry of supersededEntries([...pending, incoming])) {
    if (missingBytes <= 0) break;
    superseded.push(entry);
    missingBytes -= entry.sizeBytes;
  }
  return missingBytes > 0 ? { fits: false, missingBytes } : { fits: true, superseded };
}

/** Pure: bytes of the entries together. */
export function sizeOf(entries: readonly SpooledCheckpoint[]): number {
  return entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

function attemptOf({ taskId, attempt }: SpooledCheckpoint): string {
  return `${taskId}/${attempt}`;
}
