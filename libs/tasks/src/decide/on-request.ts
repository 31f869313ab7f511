import { awaitsResume, isEnded } from '#contracts';
import { spawnAgain, stopEarlierProcess } from './spawn-again.js';
import { refuse, unchanged, type TaskRefusal, type TaskTransition } from './task-decision.js';
import type { InputOf, TaskSnapshot } from './task-input.js';

export function onSpawnRequested(
  task: TaskSnapshot,
  input: InputOf<'spawn-requested'>,
): TaskTransition | TaskRefusal {
  const runs = !isEnded(task.state) && task.daemonId !== null && input.holderAlive;
  if (runs && !task.isSupervisor && !input.force) {
    return refuse(
      'TASK_STATE_CONFLICT',
      `The task is ${task.state} on daemon "${task.daemonId}", which is alive. Stop it first, or resume with "force": true.`,
    );
  }
  return spawnAgain(task, 'request');
}

/**
 * A daemon that is alive ends the process and reports `stopped`; if there is none, the task is stopped at
 * once. So is a task that only waits to be resumed.
 */
export function onStopRequested(task: TaskSnapshot, input: InputOf<'stop-requested'>): TaskTransition {
  if (isEnded(task.state) && !awaitsResume(task.state)) return unchanged(task);
  const stopProcess = stopEarlierProcess(task, input.reason);
  if (!isEnded(task.state) && task.daemonId !== null && input.holderAlive) {
    return { outcome: 'accepted', state: task.state, changes: {}, actions: stopProcess };
  }
  return {
    outcome: 'accepted',
    state: 'stopped',
    changes: { endedAt: 'now', stateReason: input.reason, resumeAt: null },
    actions: [...stopProcess, { type: 'announce', kind: 'task-stopped' }],
  };
}
