import { awaitsResume, isEnded } from '#contracts';
import type { ResumePlan } from './plan-resume.js';
import { spawnAgain } from './spawn-again.js';
import { standing } from './standing.js';
import { unchanged, type TaskTransition } from './task-decision.js';
import type { InputOf, TaskSnapshot } from './task-input.js';

export function onDaemonLost(task: TaskSnapshot, input: InputOf<'daemon-lost'>): TaskTransition {
  if (isEnded(task.state) || task.daemonId !== input.daemonId) return unchanged(task);
  return {
    outcome: 'accepted',
    state: 'lost',
    changes: { endedAt: 'now', stateReason: input.reason, resumeAt: { inSeconds: 0 } },
    actions: [{ type: 'announce', kind: 'task-lost' }],
  };
}

/**
 * No other daemon has taken over, so the attempt's process may continue: better than to end it and start
 * another.
 */
export function onDaemonBack(task: TaskSnapshot, input: InputOf<'daemon-back'>): TaskTransition {
  // The holder of an older attempt is not needed: in either case another attempt has taken over.
  if (task.state !== 'lost' || standing(task, input, null) !== 'current') return unchanged(task);
  return {
    outcome: 'accepted',
    state: 'running',
    changes: { endedAt: null, stateReason: `Daemon "${input.daemonId}" is back.`, resumeAt: null },
    actions: [{ type: 'announce', kind: 'task-started' }],
  };
}

export function onResumeDue(task: TaskSnapshot, plan: ResumePlan): TaskTransition {
  if (!awaitsResume(task.state)) return unchanged(task);
  switch (plan.plan) {
    case 'resume':
      return spawnAgain(task, 'resume');
    case 'wait':
      return {
        ...unchanged(task),
        changes: { stateReason: plan.reason, resumeAt: { inSeconds: plan.seconds } },
      };
    case 'give-up':
      return {
        ...unchanged(task),
        changes: { stateReason: plan.reason, resumeAt: null },
        actions: [{ type: 'announce', kind: 'task-given-up' }],
      };
  }
}

export function onUnclaimed(task: TaskSnapshot): TaskTransition {
  if (task.state !== 'spawning' || task.daemonId !== null) return unchanged(task);
  return spawnAgain(task, 'respawn');
}
