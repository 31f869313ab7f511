import { TASK_STATES, type TaskReport } from '#contracts';
import { nextTaskState } from '../src/decide/task-transitions.js';
import type { TaskDecision, TaskTransition } from '../src/decide/task-decision.js';
import type { TaskInput, TaskSnapshot } from '../src/decide/task-input.js';

export const unclaimed: TaskSnapshot = {
  id: 'task',
  state: 'spawning',
  attempt: 2,
  daemonId: null,
  requestedDaemonId: null,
  pool: 'default',
  isSupervisor: false,
  capturesFailingSince: null,
};

/** Every state; `spawning` with and without a claim. Held by daemon "a", at attempt 2. */
export const tasks: Record<string, TaskSnapshot> = {
  unclaimed,
  ...Object.fromEntries(TASK_STATES.map((state) => [state, { ...unclaimed, state, daemonId: 'a' }])),
};

const report = (report: TaskReport): TaskInput => ({
  type: 'reported',
  report,
  daemonId: 'a',
  attempt: 2,
  formerHolderId: null,
  mayWait: true,
});

export const inputs: Record<string, TaskInput> = {
  spawnWhileAlive: { type: 'spawn-requested', holderAlive: true, force: false },
  spawnWhileDead: { type: 'spawn-requested', holderAlive: false, force: false },
  spawnByForce: { type: 'spawn-requested', holderAlive: true, force: true },
  claimedByHolder: { type: 'claimed', daemonId: 'a', attempt: 2, daemonPool: 'default' },
  claimedByOther: { type: 'claimed', daemonId: 'b', attempt: 2, daemonPool: 'default' },
  claimedOldAttempt: { type: 'claimed', daemonId: 'a', attempt: 1, daemonPool: 'default' },
  claimedFutureAttempt: { type: 'claimed', daemonId: 'a', attempt: 3, daemonPool: 'default' },
  started: report('started'),
  restored: report('restored'),
  completed: report('completed'),
  failed: report('failed'),
  stopped: report('stopped'),
  released: report('released'),
  restoreFailed: report('restore-failed'),
  conversationRefused: report('conversation-refused'),
  stopWhileAlive: { type: 'stop-requested', holderAlive: true, reason: 'enough' },
  stopWhileDead: { type: 'stop-requested', holderAlive: false, reason: 'enough' },
  lost: { type: 'daemon-lost', daemonId: 'a', reason: 'silent' },
  back: { type: 'daemon-back', daemonId: 'a', attempt: 2 },
  otherBack: { type: 'daemon-back', daemonId: 'b', attempt: 2 },
  olderBack: { type: 'daemon-back', daemonId: 'a', attempt: 1 },
  resumeDue: { type: 'resume-due', plan: { plan: 'resume' } },
  resumePostponed: { type: 'resume-due', plan: { plan: 'wait', seconds: 20, reason: 'later' } },
  resumeGivenUp: { type: 'resume-due', plan: { plan: 'give-up', reason: 'enough' } },
  nobodyClaimed: { type: 'unclaimed' },
};

/** New state and actions in short, or the refusal's code; `-` for "nothing changes". */
export function outline(task: TaskSnapshot, decision: TaskDecision): string {
  if (decision.outcome === 'refused') return decision.code;
  if (decision.outcome === 'early') return 'early';
  const actions = decision.actions.map((action) =>
    action.type === 'announce' ? action.kind : action.type === 'stop-process' ? 'stop' : action.type,
  );
  const claimed = decision.changes.daemonId ? [`claimed by ${decision.changes.daemonId}`] : [];
  const state = decision.state === task.state ? [] : [decision.state];
  return [...state, ...claimed, ...actions].join(', ') || '-';
}

export const takeOver = 'spawning, stop, spawn, task-spawning';
export const conflict = 'TASK_STATE_CONFLICT';

export function accepted(task: TaskSnapshot, input: TaskInput): TaskTransition {
  const decision = nextTaskState(task, input);
  if (decision.outcome !== 'accepted') throw new Error(`${decision.outcome}: ${decision.reason}`);
  return decision;
}
