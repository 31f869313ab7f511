import { describe, expect, it } from '@jest/globals';
import { TASK_STATES, type TaskState } from '#contracts';
import { conflict, inputs, outline, takeOver, tasks } from '../../testing/transitions.js';
import { nextTaskState } from './task-transitions.js';

const again = 'spawning, spawn, task-spawning';

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
  conversationRefused: {
    unclaimed: 'IDENTITY_MISMATCH', spawning: 'announce-conversation-refused', running: 'announce-conversation-refused',
    completed: 'announce-conversation-refused', failed: 'announce-conversation-refused', stopped: 'announce-conversation-refused',
    released: 'announce-conversation-refused', lost: 'announce-conversation-refused',
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

  it('knows every state', () => {
    const seen = new Set(Object.values(tasks).map((task): TaskState => task.state));
    expect([...seen].sort()).toEqual([...TASK_STATES].sort());
  });
});
