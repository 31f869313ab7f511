import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { PatchFormat, TaskState } from '#contracts';
import { useDatabase } from '#testing';
import { v7 as uuidv7 } from 'uuid';
import { Database } from '../../database.js';
import { deletePatchesOfTask } from './delete-patches-of-task.js';
import { expirePatches, type ExpiredPatch } from './expire-patches.js';
import { aCheckpoint, aPatch, aTask } from '../../../testing/fixtures.js';
import { insertCheckpoints } from '../checkpoints/insert-checkpoints.js';
import { insertPatches } from './insert-patches.js';
import { insertTask } from '../tasks/insert-task.js';
import { latestRestorablePatch } from './latest-restorable-patch.js';
import { findCheckpoint } from '../checkpoints/list-checkpoints.js';
import { findPatch, listPatches } from './list-patches.js';
import { readPatchSlice } from './read-patch-slice.js';

const server = useDatabase();
let database: Database;

beforeAll(async () => {
  database = new Database({ databaseUrl: server.url, applicationName: 'spec', poolSize: 6 });
  await database.connected();
});
afterAll(() => database.onApplicationShutdown());

interface Recorded {
  number: number;
  attempt?: number;
  sequence?: number;
  superseded?: boolean;
  /** Hours from now on; negative: expired since. Absent: no patch. */
  expiresInHours?: number;
  /** The same for the bundle. */
  bundleExpiresInHours?: number;
}

async function aTaskWith(state: TaskState, checkpoints: Recorded[]): Promise<string> {
  const task = aTask({ state });
  await database.transaction(async (manager) => {
    await insertTask(manager, task);
    for (const { expiresInHours, bundleExpiresInHours, ...fields } of checkpoints) {
      const checkpointId = uuidv7();
      const stored = (format: PatchFormat, ttlHours: number | undefined) =>
        ttlHours === undefined ? null : aPatch({ taskId: task.id, checkpointId, format, ttlHours });
      const patch = stored('git-diff', expiresInHours);
      const bundle = stored('git-bundle', bundleExpiresInHours);
      const checkpoint = aCheckpoint({
        id: checkpointId,
        taskId: task.id,
        sequence: fields.number,
        patchId: patch?.id ?? null,
        bundleId: bundle?.id ?? null,
        patchAbsentReason: patch ? null : 'too-large',
        ...fields,
      });
      await insertCheckpoints(manager, [checkpoint]);
      const patches = [patch, bundle].filter((row) => row !== null);
      if (patches.length > 0) await insertPatches(manager, patches);
    }
  });
  return task.id;
}

async function latestNumber(taskId: string): Promise<number | null | undefined> {
  return (await latestRestorablePatch(database.manager, taskId)).patch?.checkpointNumber;
}

describe('latestRestorablePatch', () => {
  it('is the one of the highest attempt and sequence, whenever it was stored', async () => {
    const taskId = await aTaskWith('running', [
      { number: 1, attempt: 2, sequence: 1, expiresInHours: 1 },
      { number: 2, attempt: 1, sequence: 9, expiresInHours: 1 },
      { number: 3, attempt: 1, sequence: 10, expiresInHours: 1 },
    ]);
    await database.manager.query(
      `UPDATE checkpoint_patches SET created_at = now() - interval '1 hour' WHERE task_id = $1`,
      [taskId],
    );
    const { patch, newerWithoutPatch } = await latestRestorablePatch(database.manager, taskId);
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
    const taskId = await aTaskWith('running', [
      { number: 1, expiresInHours: 1 },
      { number: 2, superseded: true, expiresInHours: 1 },
    ]);
    expect(await latestNumber(taskId)).toBe(1);
  });

  it('of a finished task is the newest that has not expired', async () => {
    const taskId = await aTaskWith('completed', [
      { number: 1, expiresInHours: 1 },
      { number: 2, expiresInHours: -1 },
    ]);
    expect(await latestNumber(taskId)).toBe(1);
  });

  it.each(['spawning', 'running', 'lost'] as const)('of a %s task never expires', async (state) => {
    const taskId = await aTaskWith(state, [
      { number: 1, expiresInHours: -2 },
      { number: 2, expiresInHours: -1 },
    ]);
    expect(await latestNumber(taskId)).toBe(2);
  });

  it('tells of a newer checkpoint that has no patch', async () => {
    const taskId = await aTaskWith('running', [
      { number: 1, expiresInHours: 1 },
      { number: 2 },
      { number: 3 },
    ]);
    const { patch, newerWithoutPatch } = await latestRestorablePatch(database.manager, taskId);
    expect(patch?.checkpointNumber).toBe(1);
    expect(newerWithoutPatch).toMatchObject({ number: 3, patchAbsentReason: 'too-large' });
  });

  it('is nothing for a task without checkpoints, and a patch without a checkpoint for want of better', async () => {
    const taskId = await aTaskWith('running', []);
    expect(await latestRestorablePatch(database.manager, taskId)).toEqual({
      checkpoint: null,
      patch: null,
      bundle: null,
      newerWithoutPatch: null,
    });
    await insertPatches(database.manager, [aPatch({ taskId })]);
    expect(await latestNumber(taskId)).toBeNull();
  });
});

describe('latestRestorablePatch with bundles', () => {
  const latest = async (taskId: string) => {
    const { checkpoint, patch, bundle, newerWithoutPatch } = await latestRestorablePatch(
      database.manager,
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
    await database.transaction(async (manager) => {
      await insertTask(manager, task);
      await insertCheckpoints(manager, [checkpoint]);
      await insertPatches(manager, [patch, bundle]);
    });
    expect(await latestRestorablePatch(database.manager, task.id)).toMatchObject({
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
    expect(await findCheckpoint(database.manager, task.id, 1)).toMatchObject({
      patchId: patch.id,
      bundleId: bundle.id,
    });
  });

  it('takes a bundle without a diff, and never the diff of an older checkpoint beside it', async () => {
    const taskId = await aTaskWith('running', [
      { number: 1, expiresInHours: 1 },
      { number: 2, bundleExpiresInHours: 1 },
    ]);
    expect(await latest(taskId)).toEqual([2, undefined, 'git-bundle', undefined]);
  });

  it('of a finished task takes what has not expired', async () => {
    const half = await aTaskWith('completed', [{ number: 1, expiresInHours: -1, bundleExpiresInHours: 1 }]);
    expect(await latest(half)).toEqual([1, undefined, 'git-bundle', undefined]);
    const older = await aTaskWith('completed', [
      { number: 1, expiresInHours: 1, bundleExpiresInHours: 1 },
      { number: 2, expiresInHours: -1, bundleExpiresInHours: -1 },
    ]);
    expect(await latest(older)).toEqual([1, 'git-diff', 'git-bundle', 2]);
  });

  it('takes the newest of an unfinished task, expired or not', async () => {
    const taskId = await aTaskWith('lost', [
      { number: 1, expiresInHours: 1, bundleExpiresInHours: 1 },
      { number: 2, expiresInHours: -1, bundleExpiresInHours: -1 },
    ]);
    expect(await latest(taskId)).toEqual([2, 'git-diff', 'git-bundle', undefined]);
  });
});

describe('listPatches and findPatch', () => {
  it('list newest first, without the data', async () => {
    const taskId = await aTaskWith('running', [
      { number: 1, attempt: 2, expiresInHours: 1 },
      { number: 2, attempt: 1, expiresInHours: -1 },
    ]);
    const patches = await listPatches(database.manager, taskId);
    expect(patches.map((patch) => [patch.checkpointNumber, patch.isExpired])).toEqual([
      [1, false],
      [2, true],
    ]);
    expect(Object.keys(patches[0]!)).not.toContain('patchData');
    expect(await findPatch(database.manager, patches[1]!.id)).toEqual(patches[1]);
    expect(await findPatch(database.manager, uuidv7())).toBeNull();
  });
});

describe('readPatchSlice', () => {
  it('reads a large patch in pieces', async () => {
    const task = aTask();
    await insertTask(database.manager, task);
    const patch = aPatch({ taskId: task.id, patchData: randomBytes(1_000_000) });
    await insertPatches(database.manager, [patch]);

    const read = (offsetBytes: number) =>
      readPatchSlice(database.manager, patch.id, { offsetBytes, lengthBytes: 400_000 });
    const slices = await Promise.all([0, 400_000, 800_000, 1_000_000].map(read));
    expect(slices.map((slice) => slice?.data.length)).toEqual([400_000, 400_000, 200_000, 0]);
    expect(Buffer.concat(slices.map((slice) => slice!.data)).equals(patch.patchData)).toBe(true);
    expect(slices[0]).toMatchObject({ taskId: task.id, totalSizeBytes: 1_000_000 });
  });

  it('finds nothing once the patches of the task are deleted; the checkpoints stay', async () => {
    const taskId = await aTaskWith('running', [{ number: 1, expiresInHours: 1 }]);
    const [patch] = await listPatches(database.manager, taskId);
    expect(await deletePatchesOfTask(database.manager, taskId)).toEqual([patch!.id]);
    expect(await readPatchSlice(database.manager, patch!.id, { offsetBytes: 0, lengthBytes: 1 })).toBeNull();
    expect(await findCheckpoint(database.manager, taskId, 1)).toMatchObject({ number: 1, patchId: null });
  });
});

describe('expirePatches', () => {
  const sweep = (limit = 500) => database.transaction((manager) => expirePatches(manager, limit));

  it('takes what is due, and keeps the newest patch of a task that is not finished', async () => {
    await sweep();
    const finished = await aTaskWith('stopped', [{ number: 1, expiresInHours: -1 }]);
    const lost = await aTaskWith('lost', [
      { number: 1, expiresInHours: -3 },
      { number: 2, expiresInHours: -2 },
      { number: 3, superseded: true, expiresInHours: -1 },
    ]);
    await aTaskWith('completed', [{ number: 1, expiresInHours: 1 }]);

    const expired = await sweep();
    expect(new Set(expired.map((patch) => `${patch.taskId} ${patch.checkpointNumber}`))).toEqual(
      new Set([`${lost} 1`, `${lost} 3`, `${finished} 1`]),
    );
    expect(expired[0]).toMatchObject({
      daemonId: 'daemon-1',
      patchSizeBytes: expect.any(Number),
      expiredAt: expect.any(Date),
    });
    expect(await latestNumber(lost)).toBe(2);
    expect(await findCheckpoint(database.manager, finished, 1)).toMatchObject({ patchId: null });
    expect(await sweep()).toEqual([]);
  });

  it('treats the diff and the bundle of a checkpoint alike', async () => {
    await sweep();
    const both = { expiresInHours: -1, bundleExpiresInHours: -1 };
    const lost = await aTaskWith('lost', [
      { number: 1, ...both },
      { number: 2, ...both },
      { number: 3, superseded: true, ...both },
    ]);
    const bundled = await aTaskWith('running', [
      { number: 1, expiresInHours: -1 },
      { number: 2, bundleExpiresInHours: -1 },
    ]);
    const finished = await aTaskWith('stopped', [{ number: 1, ...both }]);
    const numbers = (expired: ExpiredPatch[], taskId: string) =>
      expired.filter((patch) => patch.taskId === taskId).map((patch) => patch.checkpointNumber);

    const expired = await sweep();
    expect(numbers(expired, lost).sort()).toEqual([1, 1, 3, 3]);
    expect(numbers(expired, bundled)).toEqual([1]);
    expect(numbers(expired, finished)).toEqual([1, 1]);
    expect((await listPatches(database.manager, lost)).map(({ format }) => format).sort()).toEqual([
      'git-bundle',
      'git-diff',
    ]);
    expect(await findCheckpoint(database.manager, finished, 1)).toMatchObject({
      patchId: null,
      bundleId: null,
    });
    expect(await sweep()).toEqual([]);
  });

  it('returns each patch once when several sweep at the same time', async () => {
    await sweep();
    const many = Array.from({ length: 60 }, (_, index) => ({ number: index + 1, expiresInHours: -1 }));
    await aTaskWith('completed', many);
    const sweepAll = async (): Promise<ExpiredPatch[]> => {
      const found = await sweep(10);
      return found.length === 0 ? [] : [...found, ...(await sweepAll())];
    };
    const swept = (await Promise.all([sweepAll(), sweepAll(), sweepAll()])).flat();
    expect(swept.map((patch) => patch.checkpointNumber).sort((a, b) => a! - b!)).toEqual(
      many.map(({ number }) => number),
    );
  });
});
