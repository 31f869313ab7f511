import { awaitsResume, isEnded } from '#contracts';
import { refuseSpeaker, standing } from './standing.js';
import {
  unchanged,
  type TaskAction,
  type TaskDecision,
  type TaskEarly,
  type TaskTransition,
} from './task-decision.js';
import type { ReportedInput, TaskSnapshot } from './task-input.js';

export function onReported(task: TaskSnapshot, input: ReportedInput): TaskDecision {
  const stands = standing(task, input, input.formerHolderId);
  if (stands === 'superseded') return unchanged(task);
  if (stands !== 'current') return refuseSpeaker(stands, task, input);
  switch (input.report) {
    case 'started':
      return onStarted(task, input);
    case 'restored':
      return { ...unchanged(task), actions: [{ type: 'announce-restored' }] };
    case 'restore-failed':
      return { ...unchanged(task), actions: [{ type: 'announce-restore-failed' }] };
    case 'conversation-refused':
      return { ...unchanged(task), actions: [{ type: 'announce-conversation-refused' }] };
    case 'completed':
    case 'failed':
    case 'stopped':
    case 'released':
      return onEnded(task, input.report, input);
  }
}

function onStarted(task: TaskSnapshot, input: ReportedInput): TaskTransition {
  if (task.state !== 'spawning') return unchanged(task);
  return {
    outcome: 'accepted',
    state: 'running',
    changes: {
      startedAt: 'now',
      worktreePath: input.worktreePath ?? null,
      stateReason: input.reason ?? null,
    },
    actions: [{ type: 'announce', kind: 'task-started' }],
  };
}

/**
 * The first end wins. A process that exited was started before; where reports are handled concurrently, the
 * end of a short one can overtake its start. A task that was marked as lost still ends as its daemon reports,
 * if it has not been resumed yet.
 */
function onEnded(
  task: TaskSnapshot,
  state: 'completed' | 'failed' | 'stopped' | 'released',
  input: ReportedInput,
): TaskTransition | TaskEarly {
  if (isEnded(task.state) && task.state !== 'lost') return unchanged(task);
  if (task.state === 'spawning' && input.exitCode !== undefined && input.mayWait) {
    return { outcome: 'early', reason: `"${state}" overtook "started" of attempt ${input.attempt}.` };
  }
  return {
    outcome: 'accepted',
    state,
    changes: {
      endedAt: 'now',
      exitCode: input.exitCode ?? null,
      stateReason: input.reason ?? null,
      resumeAt: awaitsResume(state) ? { inSeconds: 0 } : null,
      capturesFailing: input.captureFailure ?? null,
    },
    actions: [...captureHealth(task, input), { type: 'announce', kind: `task-${state}` }],
  };
}

/** What the final capture changed. */
function captureHealth(task: TaskSnapshot, { captureFailure }: ReportedInput): TaskAction[] {
  const failingSince = task.capturesFailingSince;
  if ((failingSince !== null) === (captureFailure !== undefined)) return [];
  const kind = captureFailure === undefined ? 'captures-recovered' : 'captures-failing';
  return [{ type: 'announce-capture-health', kind, failingSince }];
}
