import { describe, expect, it } from '@jest/globals';
import { TASK_REPORTS, TASK_STATES, isEnded } from '#contracts';
import {
  accepted,
  conflict,
  inputs,
  outline,
  takeOver,
  tasks,
  unclaimed,
} from '../../testing/transitions.js';
import { nextTaskState } from './task-transitions.js';
import type { TaskInput } from './task-input.js';

describe('nextTaskState', () => {
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
    expect(nextTaskState(unclaimed, unheard)).toMatchObject({ outcome: 'early' });
    const ofPool: TaskInput = { ...stranger, daemonPool: 'default' };
    expect(accepted(unclaimed, ofPool).changes).toEqual({ daemonId: 'b' });
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
});
