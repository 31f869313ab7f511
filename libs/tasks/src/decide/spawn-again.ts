import { isEnded } from '#contracts';
import type { SpawnCause } from '#database';
import type { TaskAction, TaskTransition } from './task-decision.js';
import type { TaskSnapshot } from './task-input.js';

/** The next attempt: no daemon holds it yet, and what is left of the previous one must end. */
export function spawnAgain(task: TaskSnapshot, cause: SpawnCause): TaskTransition {
  const attempt = task.attempt + 1;
  return {
    outcome: 'accepted',
    state: 'spawning',
    changes: {
      attempt,
      daemonId: null,
      exitCode: null,
      stateReason: null,
      capturesFailing: null,
      spawnedAt: 'now',
      startedAt: null,
      endedAt: null,
      resumeAt: null,
    },
    actions: [
      ...stopEarlierProcess(task, `Attempt ${attempt} takes over.`),
      { type: 'spawn', cause },
      { type: 'announce', kind: 'task-spawning' },
    ],
  };
}

/**
 * Also sent to a daemon that seems dead: if it comes back, its process must not run at the same time as the
 * new one.
 */
export function stopEarlierProcess(task: TaskSnapshot, reason: string): TaskAction[] {
  const mayStillRun = !isEnded(task.state) || task.state === 'lost';
  if (!mayStillRun || task.daemonId === null) return [];
  return [{ type: 'stop-process', daemonId: task.daemonId, attempt: task.attempt, reason }];
}
