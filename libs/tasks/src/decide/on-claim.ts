import { isEnded } from '#contracts';
import { refuseSpeaker, standing } from './standing.js';
import { refuse, unchanged, type TaskDecision } from './task-decision.js';
import type { InputOf, TaskSnapshot } from './task-input.js';

export function onClaimed(task: TaskSnapshot, input: InputOf<'claimed'>): TaskDecision {
  // A claim of an older attempt comes too late, even from a daemon that never held it.
  const stands = standing(task, input, input.daemonId);
  if (stands === 'superseded' || stands === 'never-spawned') return refuseSpeaker(stands, task, input);
  if (isEnded(task.state)) {
    return refuse('TASK_STATE_CONFLICT', `The task is ${task.state}; attempt ${input.attempt} must not run.`);
  }
  if (stands === 'current') return unchanged(task);
  if (task.daemonId !== null) {
    return refuse(
      'TASK_ALREADY_CLAIMED',
      `Daemon "${task.daemonId}" claimed attempt ${input.attempt} first. Drop it.`,
    );
  }
  if (task.requestedDaemonId !== null && task.requestedDaemonId !== input.daemonId) {
    return refuse(
      'TASK_ALREADY_CLAIMED',
      `Attempt ${input.attempt} is reserved for daemon "${task.requestedDaemonId}". Drop it.`,
    );
  }
  if (task.requestedDaemonId !== null || input.daemonPool === task.pool) {
    return { outcome: 'accepted', state: task.state, changes: { daemonId: input.daemonId }, actions: [] };
  }
  if (input.daemonPool === null) {
    return { outcome: 'early', reason: `No heartbeat of daemon "${input.daemonId}" was heard yet.` };
  }
  return refuse(
    'TASK_STATE_CONFLICT',
    `Attempt ${input.attempt} is for pool "${task.pool}"; daemon "${input.daemonId}" is of pool "${input.daemonPool}". Drop it.`,
  );
}
