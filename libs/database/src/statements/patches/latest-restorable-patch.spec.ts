import { describe, expect, it } from '@jest/globals';
import type { TaskState } from '#contracts';
import { v7 as uuidv7 } from 'uuid';
import { aCheckpoint, aPatch, aTask } from '../../../testing/fixtures.js';
import { aTaskWith, type Recorded } from '../../../testing/task-with-checkpoints.js';
import { insertCheckpoints } from '../checkpoints/insert-checkpoints.js';
import { insertPatches } from './insert-patches.js';
import { insertTask } from '../tasks/insert-task.js';
import { latestRestorablePatch } from './latest-restorable-patch.js';
import { findCheckpoint } from '../checkpoints/list-checkpoints.js';
import { useOpenDatabase } from '../../../testing/use-open-database.js';

const database = useOpenDatabase();

async function latestNumber(taskId: string): Promise<number | null | undefined> {
  return (await latestRestorablePatch(database().manager, taskId)).patch?.checkpointNumber;
}

describe('latestRestorablePatch', () => {
  it('is the one of the highest attempt and sequence, whenever it was stored', async () => {
    const taskId = await aTaskWith(database(), 'running', [
      { number: 1, attempt: 2, sequence: 1, expiresInHours: 1 },
      { number: 2, attempt: 1, sequence: 9, expiresInHours: 1 },
      { number: 3, attempt: 1, sequence: 10, expiresInHours: 1 },
    ]);
    await database().manager.query(
      `UPDATE checkpoint_patches SET created_at = now() - interval '1 hour' WHERE task_id = $1`,
      [taskId],
    );
    const { patch, newerWithoutPatch } = await latestRestorablePatch(database().manager, taskId);
    expect(patch).toMatchObject({
      checkpointNumber: 1,
      checkpointAttempt: 2,
      checkpointSequence: 1,
      isExpired: false,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(patch!.ageSeconds).toBeGreaterThanOrEqual(3600);
    expect(patch!.ageSeconds).toBeLessThan(3600 + 600);
    expect(newerWithoutPatch).toBeNull();
  });

  it('is never a superseded one', async () => {
    const taskId = await aTaskWith(database(), 'running', [
      { number: 1, expiresInHours: 1 },
      { number: 2, superseded: true, expiresInHours: 1 },
    ]);
    expect(await latestNumber(taskId)).toBe(1);
  });

  it('of a finished task is the newest that has not expired', async () => {
    const taskId = await aTaskWith(database(), 'completed', [
      { number: 1, expiresInHours: 1 },
      { number: 2, expiresInHours: -1 },
    ]);
    expect(await latestNumber(taskId)).toBe(1);
  });

  it.each(['spawning', 'running', 'lost'] as const)('of a %s task never expires', async (state) => {
    const taskId = await aTaskWith(database(), state, [
      { number: 1, expiresInHours: -2 },
      { number: 2, expiresInHours: -1 },
    ]);
    expect(await latestNumber(taskId)).toBe(2);
  });

  it('tells of a newer checkpoint that has no patch', async () => {
    const taskId = await aTaskWith(database(), 'running', [
      { number: 1, expiresInHours: 1 },
      { number: 2 },
      { number: 3 },
    ]);
    const { patch, newerWithoutPatch } = await latestRestorablePatch(database().manager, taskId);
    expect(patch?.checkpointNumber).toBe(1);
    expect(newerWithoutPatch).toMatchObject({ number: 3, patchAbsentReason: 'too-large' });
  });

  it('is nothing for a task without checkpoints, and a patch without a checkpoint for want of better', async () => {
    const taskId = await aTaskWith(database(), 'running', []);
    expect(await latestRestorablePatch(database().manager, taskId)).toEqual({
      checkpoint: null,
      patch: null,
      bundle: null,
      newerWithoutPatch: null,
    });
    await insertPatches(database().manager, [aPatch({ taskId })]);
    expect(await latestNumber(taskId)).toBeNull();
  });
});

describe('latestRestorablePatch of patches without a checkpoint', () => {
  const lone = async (state: TaskState, checkpoints: Recorded[], ttlHours: number[]) => {
    const taskId = await aTaskWith(database(), state, checkpoints);
    const patches = ttlHours.map((hours) => aPatch({ taskId, ttlHours: hours }));
    for (const patch of patches) await insertPatches(database().manager, [patch]);
    const { patch } = await latestRestorablePatch(database().manager, taskId);
    return patch && (patch.checkpointNumber ?? patches.findIndex(({ id }) => id === patch.id));
  };

  it('is the newest of them, which expires with a finished task only', async () => {
    expect(await lone('running', [], [-1, -1])).toBe(1);
    expect(await lone('completed', [], [1, -1])).toBe(0);
    expect(await lone('completed', [], [-1])).toBeNull();
  });

  it('is never one of a checkpoint that is superseded', async () => {
    expect(await lone('running', [{ number: 7, superseded: true, expiresInHours: 1 }], [])).toBeNull();
  });

  it('is none beside a checkpoint that can be restored', async () => {
    expect(await lone('running', [{ number: 7, expiresInHours: -1 }], [1])).toBe(7);
    expect(await lone('completed', [{ number: 7, expiresInHours: -1 }], [1])).toBe(0);
  });
});

describe('latestRestorablePatch with bundles', () => {
  const latest = async (taskId: string) => {
    const { checkpoint, patch, bundle, newerWithoutPatch } = await latestRestorablePatch(
      database().manager,
      taskId,
    );
    return [checkpoint?.number, patch?.format, bundle?.format, newerWithoutPatch?.number];
  };

  it('gives both of one checkpoint, and what it says of itself', async () => {
    const task = aTask({ state: 'running' });
    const of = { taskId: task.id, checkpointId: uuidv7() };
    const patch = aPatch(of);
    const bundle = aPatch({ ...of, format: 'git-bundle', patchData: Buffer.from('# v2 git bundle\n') });
    const checkpoint = aCheckpoint({
      id: of.checkpointId,
      taskId: task.id,
      message: 'before the storm',
      commitSha: null,
      branchName: 'topic',
      patchId: patch.id,
      bundleId: bundle.id,
      omissions: [{ path: 'huge', reason: 'too large' }],
      omissionsCount: 7,
    });
    await database().transaction(async (manager) => {
      await insertTask(manager, task);
      await insertCheckpoints(manager, [checkpoint]);
      await insertPatches(manager, [patch, bundle]);
    });
    expect(await latestRestorablePatch(database().manager, task.id)).toMatchObject({
      checkpoint: {
        number: 1,
        attempt: 1,
        message: 'before the storm',
        commitSha: null,
        branchName: 'topic',
        omissions: [{ path: 'huge', reason: 'too large' }],
        omissionsCount: 7,
      },
      patch: { id: patch.id, format: 'git-diff', checkpointNumber: 1, sha256: patch.sha256 },
      bundle: { id: bundle.id, format: 'git-bundle', checkpointNumber: 1, sha256: bundle.sha256 },
      newerWithoutPatch: null,
    });
    expect(await findCheckpoint(database().manager, task.id, 1)).toMatchObject({
      patchId: patch.id,
      bundleId: bundle.id,
    });
  });

  it('takes a bundle without a diff, and never the diff of an older checkpoint beside it', async () => {
    const taskId = await aTaskWith(database(), 'running', [
      { number: 1, expiresInHours: 1 },
      { number: 2, bundleExpiresInHours: 1 },
    ]);
    expect(await latest(taskId)).toEqual([2, undefined, 'git-bundle', undefined]);
  });

  it('of a finished task takes what has not expired', async () => {
    const half = await aTaskWith(database(), 'completed', [
      { number: 1, expiresInHours: -1, bundleExpiresInHours: 1 },
    ]);
    expect(await latest(half)).toEqual([1, undefined, 'git-bundle', undefined]);
    const older = await aTaskWith(database(), 'completed', [
      { number: 1, expiresInHours: 1, bundleExpiresInHours: 1 },
      { number: 2, expiresInHours: -1, bundleExpiresInHours: -1 },
    ]);
    expect(await latest(older)).toEqual([1, 'git-diff', 'git-bundle', 2]);
  });

  it('takes the newest of an unfinished task, expired or not', async () => {
    const taskId = await aTaskWith(database(), 'lost', [
      { number: 1, expiresInHours: 1, bundleExpiresInHours: 1 },
      { number: 2, expiresInHours: -1, bundleExpiresInHours: -1 },
    ]);
    expect(await latest(taskId)).toEqual([2, 'git-diff', 'git-bundle', undefined]);
  });
});
