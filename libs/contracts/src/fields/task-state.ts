/**
 * - `spawning`: SpawnTask is on its way; no daemon has confirmed the attempt's start
 * - `running`: a daemon runs the agent process
 * - `completed`, `failed`, `stopped`: the process ended by itself well, badly, or on request
 * - `released`: its daemon gave it back in good order, to go on elsewhere
 * - `lost`: the daemon died with it
 */
export const TASK_STATES = [
  'spawning',
  'running',
  'completed',
  'failed',
  'stopped',
  'released',
  'lost',
] as const;
export type TaskState = (typeof TASK_STATES)[number];

/** True when no agent process should be running for the task. */
export function isEnded(state: TaskState): boolean {
  return state !== 'spawning' && state !== 'running';
}

/**
 * True for a task whose attempt has ended, and which is resumed without being asked, unless that is switched
 * off for it.
 */
export function awaitsResume(state: TaskState): boolean {
  return state === 'released' || state === 'lost';
}
