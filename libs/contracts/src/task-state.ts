/**
 * - `spawning`: SpawnTask is on its way; no daemon has confirmed the attempt's start
 * - `running`: a daemon runs the agent process
 * - `completed`, `failed`, `stopped`: the process ended by itself well, badly, or on request
 * - `lost`: the daemon died with it
 */
export const TASK_STATES = ['spawning', 'running', 'completed', 'failed', 'stopped', 'lost'] as const;
export type TaskState = (typeof TASK_STATES)[number];

/** True when no agent process should be running for the task. */
export function isEnded(state: TaskState): boolean {
  return state !== 'spawning' && state !== 'running';
}
