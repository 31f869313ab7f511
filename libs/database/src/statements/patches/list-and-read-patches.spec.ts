import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { deletePatchesOfTask } from './delete-patches-of-task.js';
import { aPatch, aTask } from '../../../testing/fixtures.js';
import { aTaskWith } from '../../../testing/task-with-checkpoints.js';
import { insertPatches } from './insert-patches.js';
import { insertTask } from '../tasks/insert-task.js';
import { findCheckpoint } from '../checkpoints/list-checkpoints.js';
import { findPatch, listPatches } from './list-patches.js';
import { readPatchSlice } from './read-patch-slice.js';
import { useOpenDatabase } from '../../../testing/use-open-database.js';

const database = useOpenDatabase();

describe('listPatches and findPatch', () => {
  it('list newest first, without the data', async () => {
    const taskId = await aTaskWith(database(), 'running', [
      { number: 1, attempt: 2, expiresInHours: 1 },
      { number: 2, attempt: 1, expiresInHours: -1 },
    ]);
    const patches = await listPatches(database().manager, taskId);
    expect(patches.map((patch) => [patch.checkpointNumber, patch.isExpired])).toEqual([
      [1, false],
      [2, true],
    ]);
    expect(Object.keys(patches[0]!)).not.toContain('patchData');
    expect(await findPatch(database().manager, patches[1]!.id)).toEqual(patches[1]);
    expect(await findPatch(database().manager, uuidv7())).toBeNull();
  });
});

describe('readPatchSlice', () => {
  it('reads a large patch in pieces', async () => {
    const task = aTask();
    await insertTask(database().manager, task);
    const patch = aPatch({ taskId: task.id, patchData: randomBytes(1_000_000) });
    await insertPatches(database().manager, [patch]);

    const read = (offsetBytes: number) =>
      readPatchSlice(database().manager, patch.id, { offsetBytes, lengthBytes: 400_000 });
    const slices = await Promise.all([0, 400_000, 800_000, 1_000_000].map(read));
    expect(slices.map((slice) => slice?.data.length)).toEqual([400_000, 400_000, 200_000, 0]);
    expect(Buffer.concat(slices.map((slice) => slice!.data)).equals(patch.patchData)).toBe(true);
    expect(slices[0]).toMatchObject({ taskId: task.id, totalSizeBytes: 1_000_000 });
  });

  it('finds nothing once the patches of the task are deleted; the checkpoints stay', async () => {
    const taskId = await aTaskWith(database(), 'running', [{ number: 1, expiresInHours: 1 }]);
    const [patch] = await listPatches(database().manager, taskId);
    expect(await deletePatchesOfTask(database().manager, taskId)).toEqual([patch!.id]);
    expect(
      await readPatchSlice(database().manager, patch!.id, { offsetBytes: 0, lengthBytes: 1 }),
    ).toBeNull();
    expect(await findCheckpoint(database().manager, taskId, 1)).toMatchObject({ number: 1, patchId: null });
  });
});
