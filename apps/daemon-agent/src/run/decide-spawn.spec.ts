import { describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { compose, SpawnTask } from '#contracts';
import { decideSpawn } from './decide-spawn.js';
import type { TaskPhase, TaskRecord } from '../state/task-record.js';

const taskId = uuidv7();

function spawn(fields: Partial<SpawnTask> = {}): SpawnTask {
  return compose(SpawnTask, {
    eventId: uuidv7(),
    taskId,
    attempt: 2,
    taskName: 'example',
    plan: 'true',
    runner: 'shell',
    repoUrl: 'new://example',
    isSupervisor: false,
    resumeSession: true,
    ...fields,
  });
}

function record(attempt: number, phase: TaskPhase, fields: Partial<SpawnTask> = {}): TaskRecord {
  return { spawn: spawn({ attempt, ...fields }), phase, sequence: 0 };
}

describe('decideSpawn', () => {
  it.each([
    ['runs a task that it does not know', undefined, {}, 'run'],
    ['runs a task that has ended here', record(1, 'ended'), {}, 'run'],
    [
      'runs a task that it watched without a server, whatever the number of its attempt',
      { ...record(3, 'running'), isUnclaimed: true } as const,
      {},
      'run',
    ],
    ['ignores the same attempt again while it runs', record(2, 'running'), {}, 'repetition'],
    ['ignores the same attempt again after it ended', record(2, 'ended'), {}, 'repetition'],
    ['ignores an attempt older than the one it knows', record(3, 'ended'), {}, 'repetition'],
    ['refuses a running task unless it is resumed', record(1, 'running'), { resumeSession: false }, 'refuse'],
    [
      'refuses a task that is being prepared unless it is resumed',
      record(1, 'preparing'),
      { resumeSession: false },
      'refuse',
    ],
    ['replaces an older attempt of a resumed task', record(1, 'running'), {}, 'replace'],
    [
      'replaces a running supervisor that is resumed',
      record(1, 'running', { isSupervisor: true }),
      {},
      'replace',
    ],
  ])('%s', (_, known, order, decision) => {
    expect(decideSpawn(spawn(order), known)).toBe(decision);
  });
});
