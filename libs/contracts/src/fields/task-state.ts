/**
 * - `spawning`: SpawnTask is on its way; no daemon has confirmed the attempt's start
 * - `running`: a daemon runs the agent process
 * - `completed`, `failed`, `stopped`: the process exited successfully, failed, or was stopped on request
 * - `released`: its daemon shut down gracefully and gave it back, to be continued elsewhere
 * - `lost`: its daemon died
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
 * True for a task whose attempt has ended and which is resumed automatically, unless that is switched off for
 * it.
 */
export function awaitsResume(state: TaskState): boolean {
  return state === 'released' || state === 'lost';
}
