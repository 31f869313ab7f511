import { MAX_UNCONFIRMED_TASKS, type UnconfirmedCaptures } from '#contracts';
import type { SpooledCheckpoint } from '../spool/spooled-checkpoint.js';

/**
 * Pure: the unconfirmed captures that a heartbeat lists: those that have waited longest first, as many tasks
 * as a heartbeat may name.
 */
export function countUnconfirmed(
  pending: readonly Pick<SpooledCheckpoint, 'taskId' | 'isCapture' | 'capturedAt'>[],
  now: Date,
): UnconfirmedCaptures[] {
  const byTask = new Map<string, UnconfirmedCaptures>();
  for (const { taskId, isCapture, capturedAt } of pending) {
    if (!isCapture) continue;
    const ageSeconds = Math.max(0, Math.floor((now.getTime() - capturedAt.getTime()) / 1000));
    const { count, oldestAgeSeconds } = byTask.get(taskId) ?? { count: 0, oldestAgeSeconds: 0 };
    byTask.set(taskId, {
      taskId,
      count: count + 1,
      oldestAgeSeconds: Math.max(oldestAgeSeconds, ageSeconds),
    });
  }
  return [...byTask.values()]
    .sort((a, b) => b.oldestAgeSeconds - a.oldestAgeSeconds)
    .slice(0, MAX_UNCONFIRMED_TASKS);
}
