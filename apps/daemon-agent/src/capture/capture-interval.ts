import { createHash } from 'node:crypto';

/**
 * Pure: when a task's next capture is due. Each task has its own phase within the interval, derived from its
 * id, so that the captures of many worktrees are spread evenly, and stay so across restarts.
 *
 * @returns milliseconds from `now`, more than 0 and at most one interval
 */
export function millisecondsToNextCapture(taskId: string, intervalMilliseconds: number, now: number): number {
  const phase = createHash('sha256').update(taskId).digest().readUInt32BE(0) % intervalMilliseconds;
  const sincePhase = (now - phase) % intervalMilliseconds;
  return intervalMilliseconds - sincePhase;
}
