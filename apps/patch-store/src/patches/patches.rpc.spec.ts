import { describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { CHUNK_SIZE_BYTES, PatchesDeleted, PatchInfo, PatchList, PatchSlice, type RpcName } from '#contracts';
import { eventually } from '#testing';
import { BASE_SHA, bundleOf, gzipOf, seedCheckpoint, sha256Of, TREE_SHA } from '../../testing/seed.js';
import { useRunningPatchStore } from '../../testing/use-running-patch-store.js';

const store = useRunningPatchStore();

async function heldTask(daemonId = 'holder'): Promise<string> {
  const taskId = await store.createTask();
  await store.claim(taskId, daemonId);
  return taskId;
}

const slice = (patchId: string, offsetBytes: number, lengthBytes = CHUNK_SIZE_BYTES, daemonId = 'holder') =>
  store.ask(daemonId, 'read-patch-slice', { patchId, offsetBytes, lengthBytes }, PatchSlice);

const aPatchOf = (taskId: string) => ({
  taskId,
  patchBaseSha: BASE_SHA,
  treeSha: TREE_SHA,
  patchData: gzipOf(10).toString('base64'),
  patchFilesCount: 1,
  patchTtlHours: 1,
});

describe('patches over NATS', () => {
  it('are found by id, as the latest and in a list', async () => {
    const taskId = await heldTask();
    await seedCheckpoint(store.database, { taskId, number: 1 });
    const { patchId, sha256 } = await seedCheckpoint(store.database, { taskId, number: 2 });
    const expected = { id: patchId, taskId, sha256, checkpointNumber: 2 };
    expect(await store.ask('holder', 'get-patch', { patchId }, PatchInfo)).toMatchObject(expected);
    expect(await store.ask('holder', 'latest-patch', { taskId }, PatchInfo)).toMatchObject(expected);
    const { patches } = await store.ask('holder', 'list-patches', { taskId }, PatchList);
    expect(patches.map(({ checkpointNumber }) => checkpointNumber)).toEqual([2, 1]);
  });

  it('are read in slices', async () => {
    const taskId = await heldTask();
    const patchData = gzipOf(2 * CHUNK_SIZE_BYTES + 10);
    const { patchId, sha256 } = await seedCheckpoint(store.database, { taskId, number: 1, patchData });
    const slices: Buffer[] = [];
    for (let offset = 0; offset < patchData.length; offset += CHUNK_SIZE_BYTES) {
      const { data, totalSizeBytes } = await slice(patchId, offset);
      expect(totalSizeBytes).toBe(patchData.length);
      slices.push(Buffer.from(data, 'base64'));
    }
    expect(sha256Of(Buffer.concat(slices))).toBe(sha256);
    expect((await slice(patchId, patchData.length)).data).toBe('');
    await expect(slice(patchId, 0, CHUNK_SIZE_BYTES + 1)).rejects.toMatchObject({ code: 'FIELD_INVALID' });
    await expect(slice(patchId, -1)).rejects.toMatchObject({ code: 'FIELD_INVALID' });
  });

  it('are read in slices when they are bundles, too', async () => {
    const taskId = await heldTask();
    const bundleData = bundleOf(CHUNK_SIZE_BYTES);
    const { bundleId } = await seedCheckpoint(store.database, { taskId, number: 1, bundleData });
    const slices = await Promise.all([0, CHUNK_SIZE_BYTES].map((offset) => slice(bundleId, offset)));
    const bytes = Buffer.concat(slices.map(({ data }) => Buffer.from(data, 'base64')));
    expect(bytes.equals(bundleData)).toBe(true);
    await expect(slice(bundleId, 0, 10, 'thief')).rejects.toMatchObject({ code: 'IDENTITY_MISMATCH' });
  });

  it('that vanish while they are read are expired, not unknown', async () => {
    const taskId = await heldTask();
    const patchData = gzipOf(2 * CHUNK_SIZE_BYTES);
    const { patchId } = await seedCheckpoint(store.database, { taskId, number: 1, patchData });
    await slice(patchId, 0);
    await store.database.manager.query('DELETE FROM checkpoint_patches WHERE id = $1', [patchId]);
    await expect(slice(patchId, CHUNK_SIZE_BYTES)).rejects.toMatchObject({ code: 'PATCH_EXPIRED' });
    await expect(slice(patchId, 0)).rejects.toMatchObject({ code: 'PATCH_NOT_FOUND' });
  });

  it('that vanish between the look at them and the read of their bytes are expired, not empty', async () => {
    const taskId = await heldTask();
    const { patchId } = await seedCheckpoint(store.database, { taskId, number: 1 });
    const reading = await store.database.transaction(async (manager) => {
      // In between, the task is asked who holds it.
      await manager.query('LOCK TABLE tasks IN ACCESS EXCLUSIVE MODE');
      const answer = slice(patchId, 0).catch((error: unknown) => error);
      await eventually(async () => {
        const waiting = await manager.query(
          `SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = database
            WHERE NOT granted AND relation = 'tasks'::regclass AND datname = current_database()`,
        );
        expect(waiting).toHaveLength(1);
      });
      await manager.query('DELETE FROM checkpoint_patches WHERE id = $1', [patchId]);
      return { answer };
    });
    expect(await reading.answer).toMatchObject({ code: 'PATCH_EXPIRED' });
  });

  it('are stored once, under the id of the request', async () => {
    const taskId = await heldTask();
    const request = { eventId: uuidv7(), ...aPatchOf(taskId) };
    const stored = await store.ask('holder', 'create-patch', request, PatchInfo);
    expect(stored.id).toBe(request.eventId);
    expect(await store.ask('holder', 'create-patch', request, PatchInfo)).toEqual(stored);
    expect(await store.ask('holder', 'delete-patches', { taskId }, PatchesDeleted)).toEqual({
      deletedCount: 1,
    });
    await expect(store.ask('holder', 'latest-patch', { taskId }, PatchInfo)).rejects.toMatchObject({
      code: 'PATCH_NOT_FOUND',
    });
  });

  it('are refused to a daemon that does not hold the task', async () => {
    const taskId = await heldTask();
    const { patchId } = await seedCheckpoint(store.database, { taskId, number: 1 });
    const attempts: [RpcName, object][] = [
      ['get-patch', { patchId }],
      ['read-patch-slice', { patchId, offsetBytes: 0, lengthBytes: 10 }],
      ['latest-patch', { taskId }],
      ['list-patches', { taskId }],
      ['delete-patches', { taskId }],
      ['create-patch', aPatchOf(taskId)],
    ];
    for (const [name, fields] of attempts) {
      await expect(store.ask('thief', name, fields, PatchInfo)).rejects.toMatchObject({
        code: 'IDENTITY_MISMATCH',
      });
      const forged = { ...fields, daemonId: 'holder' };
      await expect(store.ask('thief', name, forged, PatchInfo)).rejects.toMatchObject({
        code: 'IDENTITY_MISMATCH',
      });
    }
    const { patches } = await store.ask('holder', 'list-patches', { taskId }, PatchList);
    expect(patches).toHaveLength(1);
  });

  it('are refused to the daemon that held the task before', async () => {
    const taskId = await heldTask('former');
    await seedCheckpoint(store.database, { taskId, number: 1 });
    await store.post(`/v1/tasks/${taskId}/resume`);
    await expect(store.ask('former', 'list-patches', { taskId }, PatchList)).rejects.toMatchObject({
      code: 'ATTEMPT_SUPERSEDED',
    });
  });

  it('of an unknown task or id are unknown', async () => {
    await expect(store.ask('holder', 'list-patches', { taskId: uuidv7() }, PatchList)).rejects.toMatchObject({
      code: 'TASK_NOT_FOUND',
    });
    await expect(store.ask('holder', 'get-patch', { patchId: uuidv7() }, PatchInfo)).rejects.toMatchObject({
      code: 'PATCH_NOT_FOUND',
    });
    await expect(store.ask('holder', 'get-patch', { patchId: 'x' }, PatchInfo)).rejects.toMatchObject({
      code: 'BAD_ID',
      path: 'patchId',
    });
  });
});
