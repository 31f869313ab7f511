import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TaskState } from '#contracts';
import { useDatabase } from '#testing';
import { v7 as uuidv7 } from 'uuid';
import { Database } from '../database.js';
import { deletePatchesOfTask } from './delete-patches-of-task.js';
import { expirePatches, type ExpiredPatch } from './expire-patches.js';
import { aCheckpoint, aPatch, aTask } from './fixtures.js';
import { insertCheckpoints } from './insert-checkpoints.js';
import { insertPatches } from './insert-patches.js';
import { insertTask } from './insert-task.js';
import { latestRestorablePatch } from './latest-restorable-patch.js';
import { findCheckpoint } from './list-checkpoints.js';
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
}

async function aTaskWith(state: TaskState, checkpoints: Recorded[]): Promise<string> {
  const task = aTask({ state });
  await database.transaction(async (manager) => {
    await insertTask(manager, task);
    for (const { expiresInHours, ...fields } of checkpoints) {
      const patch =
        expiresInHours === undefined ? null : aPatch({ taskId: task.id, ttlHours: expiresInHours });
      const checkpoint = aCheckpoint({
        taskId: task.id,
        sequence: fields.number,
        patchId: patch?.id ?? null,
        patchAbsentReason: patch ? null : 'too-large',
        ...fields,
      });
      await insertCheckpoints(manager, [checkpoint]);
      if (patch) await insertPatches(manager, [{ ...patch, checkpointId: checkpoint.id }]);
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
    const { patch, newerWithoutPatch } = await latestRestorablePatch(database.manager, taskId);
    expect(patch).toMatchObject({
      checkpointNumber: 1,
      checkpointAttempt: 2,
      checkpointSequence: 1,
      isExpired: false,
      ageSeconds: 0,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
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
      patch: null,
      newerWithoutPatch: null,
    });
    await insertPatches(database.manager, [aPatch({ taskId })]);
    expect(await latestNumber(taskId)).toBeNull();
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
