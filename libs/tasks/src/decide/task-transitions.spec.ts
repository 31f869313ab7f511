import { describe, expect, it } from '@jest/globals';
import { TASK_REPORTS, TASK_STATES, isEnded, type TaskReport, type TaskState } from '#contracts';
import { nextTaskState } from './task-transitions.js';
import type { TaskDecision, TaskTransition } from './task-decision.js';
import type { TaskInput, TaskSnapshot } from './task-input.js';

const unclaimed: TaskSnapshot = {
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
const tasks: Record<string, TaskSnapshot> = {
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

const inputs: Record<string, TaskInput> = {
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
function outline(task: TaskSnapshot, decision: TaskDecision): string {
  if (decision.outcome === 'refused') return decision.code;
  if (decision.outcome === 'early') return 'early';
  const actions = decision.actions.map((action) =>
    action.type === 'announce' ? action.kind : action.type === 'stop-process' ? 'stop' : action.type,
  );
  const claimed = decision.changes.daemonId ? [`claimed by ${decision.changes.daemonId}`] : [];
  const state = decision.state === task.state ? [] : [decision.state];
  return [...state, ...claimed, ...actions].join(', ') || '-';
}

const takeOver = 'spawning, stop, spawn, task-spawning';
const again = 'spawning, spawn, task-spawning';
const conflict = 'TASK_STATE_CONFLICT';

// prettier-ignore
const expected: Record<string, Record<string, string>> = {
  spawnWhileAlive: {
    unclaimed: 'spawn, task-spawning', spawning: conflict, running: conflict,
    completed: again, failed: again, stopped: again, released: again, lost: takeOver,
  },
  spawnWhileDead: {
    unclaimed: 'spawn, task-spawning', spawning: 'stop, spawn, task-spawning', running: takeOver,
    completed: again, failed: again, stopped: again, released: again, lost: takeOver,
  },
  spawnByForce: {
    unclaimed: 'spawn, task-spawning', spawning: 'stop, spawn, task-spawning', running: takeOver,
    completed: again, failed: again, stopped: again, released: again, lost: takeOver,
  },
  claimedByHolder: {
    unclaimed: 'claimed by a', spawning: '-', running: '-',
    completed: conflict, failed: conflict, stopped: conflict, released: conflict, lost: conflict,
  },
  claimedByOther: {
    unclaimed: 'claimed by b', spawning: 'TASK_ALREADY_CLAIMED', running: 'TASK_ALREADY_CLAIMED',
    completed: conflict, failed: conflict, stopped: conflict, released: conflict, lost: conflict,
  },
  claimedOldAttempt: {
    unclaimed: 'ATTEMPT_SUPERSEDED', spawning: 'ATTEMPT_SUPERSEDED', running: 'ATTEMPT_SUPERSEDED',
    completed: 'ATTEMPT_SUPERSEDED', failed: 'ATTEMPT_SUPERSEDED', stopped: 'ATTEMPT_SUPERSEDED', released: 'ATTEMPT_SUPERSEDED', lost: 'ATTEMPT_SUPERSEDED',
  },
  claimedFutureAttempt: {
    unclaimed: conflict, spawning: conflict, running: conflict,
    completed: conflict, failed: conflict, stopped: conflict, released: conflict, lost: conflict,
  },
  started: {
    unclaimed: 'IDENTITY_MISMATCH', spawning: 'running, task-started', running: '-',
    completed: '-', failed: '-', stopped: '-', released: '-', lost: '-',
  },
  restored: {
    unclaimed: 'IDENTITY_MISMATCH', spawning: 'announce-restored', running: 'announce-restored',
    completed: 'announce-restored', failed: 'announce-restored', stopped: 'announce-restored', released: 'announce-restored', lost: 'announce-restored',
  },
  completed: {
    unclaimed: 'IDENTITY_MISMATCH', spawning: 'completed, task-completed', running: 'completed, task-completed',
    completed: '-', failed: '-', stopped: '-', released: '-', lost: 'completed, task-completed',
  },
  failed: {
    unclaimed: 'IDENTITY_MISMATCH', spawning: 'failed, task-failed', running: 'failed, task-failed',
    completed: '-', failed: '-', stopped: '-', released: '-', lost: 'failed, task-failed',
  },
  stopped: {
    unclaimed: 'IDENTITY_MISMATCH', spawning: 'stopped, task-stopped', running: 'stopped, task-stopped',
    completed: '-', failed: '-', stopped: '-', released: '-', lost: 'stopped, task-stopped',
  },
  released: {
    unclaimed: 'IDENTITY_MISMATCH', spawning: 'released, task-released', running: 'released, task-released',
    completed: '-', failed: '-', stopped: '-', released: '-', lost: 'released, task-released',
  },
  restoreFailed: {
    unclaimed: 'IDENTITY_MISMATCH', spawning: 'announce-restore-failed', running: 'announce-restore-failed',
    completed: 'announce-restore-failed', failed: 'announce-restore-failed', stopped: 'announce-restore-failed',
    released: 'announce-restore-failed', lost: 'announce-restore-failed',
  },
  stopWhileAlive: {
    unclaimed: 'stopped, task-stopped', spawning: 'stop', running: 'stop',
    completed: '-', failed: '-', stopped: '-', released: 'stopped, task-stopped', lost: 'stopped, stop, task-stopped',
  },
  stopWhileDead: {
    unclaimed: 'stopped, task-stopped', spawning: 'stopped, stop, task-stopped', running: 'stopped, stop, task-stopped',
    completed: '-', failed: '-', stopped: '-', released: 'stopped, task-stopped', lost: 'stopped, stop, task-stopped',
  },
  back: {
    unclaimed: '-', spawning: '-', running: '-',
    completed: '-', failed: '-', stopped: '-', released: '-', lost: 'running, task-started',
  },
  otherBack: {
    unclaimed: '-', spawning: '-', running: '-',
    completed: '-', failed: '-', stopped: '-', released: '-', lost: '-',
  },
  olderBack: {
    unclaimed: '-', spawning: '-', running: '-',
    completed: '-', failed: '-', stopped: '-', released: '-', lost: '-',
  },
  resumeDue: {
    unclaimed: '-', spawning: '-', running: '-',
    completed: '-', failed: '-', stopped: '-', released: again, lost: takeOver,
  },
  resumePostponed: {
    unclaimed: '-', spawning: '-', running: '-',
    completed: '-', failed: '-', stopped: '-', released: '-', lost: '-',
  },
  resumeGivenUp: {
    unclaimed: '-', spawning: '-', running: '-',
    completed: '-', failed: '-', stopped: '-', released: 'task-given-up', lost: 'task-given-up',
  },
  nobodyClaimed: {
    unclaimed: 'spawn, task-spawning', spawning: '-', running: '-',
    completed: '-', failed: '-', stopped: '-', released: '-', lost: '-',
  },
  lost: {
    unclaimed: '-', spawning: 'lost, task-lost', running: 'lost, task-lost',
    completed: '-', failed: '-', stopped: '-', released: '-', lost: '-',
  },
};

const cases = Object.keys(inputs).flatMap((input) =>
  Object.keys(tasks).map((task) => [task, input, expected[input]![task]!] as const),
);

describe('nextTaskState', () => {
  it.each(cases)('%s × %s: %s', (taskName, inputName, outcome) => {
    const task = tasks[taskName]!;
    expect(outline(task, nextTaskState(task, inputs[inputName]!))).toBe(outcome);
  });

  it('raises the attempt and forgets the daemon with every spawn', () => {
    for (const state of TASK_STATES.filter(isEnded)) {
      expect(accepted({ ...unclaimed, state, daemonId: 'a' }, inputs.spawnWhileDead!)).toMatchObject({
        changes: { attempt: 3, daemonId: null, startedAt: null, endedAt: null, exitCode: null },
      });
    }
  });

  it('lets a supervisor be spawned again while its daemon is alive', () => {
    const supervisor = { ...tasks.running!, isSupervisor: true };
    expect(outline(supervisor, nextTaskState(supervisor, inputs.spawnWhileAlive!))).toBe(takeOver);
  });

  it('names the attempt and the daemon whose process a spawn replaces', () => {
    expect(accepted(tasks.running!, inputs.spawnByForce!).actions[0]).toEqual({
      type: 'stop-process',
      daemonId: 'a',
      attempt: 2,
      reason: 'Attempt 3 takes over.',
    });
  });

  it('keeps an attempt for the daemon that it was requested for', () => {
    const reserved = { ...unclaimed, requestedDaemonId: 'b' };
    expect(nextTaskState(reserved, inputs.claimedByHolder!)).toMatchObject({ code: 'TASK_ALREADY_CLAIMED' });
    expect(accepted(reserved, inputs.claimedByOther!).changes).toEqual({ daemonId: 'b' });
  });

  it.each(TASK_REPORTS)(
    'ignores a late "%s" of an older attempt in every state, and refuses it from a daemon that never held it',
    (kind) => {
      for (const task of Object.values(tasks)) {
        const late = { ...inputs.started!, report: kind, daemonId: 'b', attempt: 1 } as TaskInput;
        expect(outline(task, nextTaskState(task, { ...late, formerHolderId: 'b' } as TaskInput))).toBe('-');
        expect(outline(task, nextTaskState(task, { ...late, formerHolderId: 'c' } as TaskInput))).toBe(
          'IDENTITY_MISMATCH',
        );
      }
    },
  );

  it('refuses a report of an attempt that was never spawned, and one of another daemon', () => {
    const started = {
      type: 'reported',
      report: 'started',
      daemonId: 'a',
      attempt: 3,
      formerHolderId: null,
      mayWait: true,
    } as const;
    expect(nextTaskState(tasks.running!, started)).toMatchObject({ code: conflict });
    expect(nextTaskState(tasks.running!, { ...started, attempt: 2, daemonId: 'b' })).toMatchObject({
      code: 'IDENTITY_MISMATCH',
    });
  });

  it('keeps exit code, reason and worktree of what was reported', () => {
    const started = { ...inputs.started!, worktreePath: '/w', reason: 'fresh' } as TaskInput;
    expect(accepted(tasks.spawning!, started).changes).toEqual({
      startedAt: 'now',
      worktreePath: '/w',
      stateReason: 'fresh',
    });
    const failed = { ...inputs.failed!, exitCode: 3, reason: 'exit code 3' } as TaskInput;
    expect(accepted(tasks.running!, failed).changes).toEqual({
      capturesFailing: null,
      endedAt: 'now',
      resumeAt: null,
      exitCode: 3,
      stateReason: 'exit code 3',
    });
  });

  it('gives an attempt to a daemon of its pool, or to the requested one of any pool', () => {
    const stranger: TaskInput = { type: 'claimed', daemonId: 'b', attempt: 2, daemonPool: 'gpu' };
    expect(nextTaskState(unclaimed, stranger)).toMatchObject({ code: conflict });
    const unheard: TaskInput = { ...stranger, daemonPool: null };
    expect(accepted(unclaimed, unheard).changes).toEqual({ daemonId: 'b' });
    const reserved = { ...unclaimed, requestedDaemonId: 'b' };
    expect(accepted(reserved, stranger).changes).toEqual({ daemonId: 'b' });
  });

  it('says when a task is looked at again, and why it waits', () => {
    const lost = tasks.lost!;
    expect(accepted(tasks.running!, inputs.lost!).changes.resumeAt).toEqual({ inSeconds: 0 });
    expect(accepted(tasks.running!, inputs.released!).changes.resumeAt).toEqual({ inSeconds: 0 });
    expect(accepted(lost, inputs.resumePostponed!).changes).toEqual({
      stateReason: 'later',
      resumeAt: { inSeconds: 20 },
    });
    expect(accepted(lost, inputs.resumeGivenUp!).changes).toEqual({ stateReason: 'enough', resumeAt: null });
    for (const input of [inputs.resumeDue!, inputs.stopWhileDead!, inputs.completed!, inputs.back!]) {
      expect(accepted(lost, input).changes.resumeAt).toBeNull();
    }
  });

  it('lets the exit of a process wait for its start, but not for ever', () => {
    for (const kind of ['completed', 'failed'] as const) {
      const exited = { ...inputs[kind]!, exitCode: 0 } as TaskInput;
      expect(outline(tasks.spawning!, nextTaskState(tasks.spawning!, exited))).toBe('early');
      expect(outline(tasks.running!, nextTaskState(tasks.running!, exited))).toBe(`${kind}, task-${kind}`);
      const last = { ...exited, mayWait: false } as TaskInput;
      expect(outline(tasks.spawning!, nextTaskState(tasks.spawning!, last))).toBe(`${kind}, task-${kind}`);
    }
  });

  it('knows every state', () => {
    const seen = new Set(Object.values(tasks).map((task): TaskState => task.state));
    expect([...seen].sort()).toEqual([...TASK_STATES].sort());
  });
});

function accepted(task: TaskSnapshot, input: TaskInput): TaskTransition {
  const decision = nextTaskState(task, input);
  if (decision.outcome !== 'accepted') throw new Error(`${decision.outcome}: ${decision.reason}`);
  return decision;
}
