import { beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import type { PatchInfo } from '#contracts';
import { eventually } from '#testing';
import { BASE_SHA, gzipOf, seedCheckpoint, TREE_SHA } from '../../testing/seed.js';
import { useRunningPatchStore } from '../../testing/use-running-patch-store.js';

const store = useRunningPatchStore();
let taskId: string;

const aPatch = () => ({
  patchBaseSha: BASE_SHA,
  treeSha: TREE_SHA,
  patchData: gzipOf(100).toString('base64'),
  patchFilesCount: 1,
});

describe('POST /v1/tasks/{id}/patches', () => {
  beforeAll(async () => {
    taskId = await store.createTask();
  });

  it('stores a patch of its own, for a week', async () => {
    const { status, headers, body } = await store.post<PatchInfo>(`/v1/tasks/${taskId}/patches`, aPatch());
    expect(status).toBe(201);
    expect(headers.get('location')).toBe(`/v1/patches/${body.id}`);
    expect(body.checkpointId).toBeUndefined();
    const lifeHours = (Date.parse(body.expiresAt) - Date.parse(body.createdAt)) / 3_600_000;
    expect(lifeHours).toBe(168);
  });

  it('stores a request that is sent twice once, and refuses another patch under its id', async () => {
    const patch = { ...aPatch(), id: uuidv7() };
    expect((await store.post(`/v1/tasks/${taskId}/patches`, patch)).status).toBe(201);
    expect((await store.post(`/v1/tasks/${taskId}/patches`, patch)).status).toBe(200);
    const other = { ...patch, patchData: gzipOf(20).toString('base64') };
    expect(await store.post(`/v1/tasks/${taskId}/patches`, other)).toMatchObject({
      status: 409,
      body: { code: 'EVENT_CONFLICT' },
    });
  });

  it('takes the largest patch, and no larger one', async () => {
    const largest = { ...aPatch(), patchData: gzipOf(10 * 1024 * 1024 - 4096).toString('base64') };
    expect((await store.post(`/v1/tasks/${taskId}/patches`, largest)).status).toBe(201);
    const tooLarge = { ...aPatch(), patchData: gzipOf(10 * 1024 * 1024).toString('base64') };
    expect(await store.post(`/v1/tasks/${taskId}/patches`, tooLarge)).toMatchObject({
      status: 413,
      body: { code: 'PATCH_TOO_LARGE' },
    });
  });

  it.each([
    ['text', { patchData: Buffer.from('diff').toString('base64') }, 'NOT_GZIP'],
    ['half a stream', { patchData: gzipOf(100).subarray(0, 50).toString('base64') }, 'GZIP_CORRUPT'],
    ['junk', { patchData: 'a-b' }, 'BAD_BASE64'],
    ['a branch as base', { patchBaseSha: 'main' }, 'BAD_SHA'],
    ['no life', { patchTtlHours: 0 }, 'FIELD_INVALID'],
    ['no count', { patchFilesCount: undefined }, 'FIELD_INVALID'],
    ['what it does not know', { patchFormat: 'zip' }, 'FIELD_INVALID'],
  ])('refuses %s', async (_name, fields, code) => {
    const answer = await store.post(`/v1/tasks/${taskId}/patches`, { ...aPatch(), ...fields });
    expect(answer).toMatchObject({ status: 400, body: { code } });
  });

  it('refuses an unknown task', async () => {
    expect((await store.post(`/v1/tasks/${uuidv7()}/patches`, aPatch())).status).toBe(404);
  });
});

describe('DELETE /v1/tasks/{id}/patches', () => {
  it('deletes all of them; checkpoints stay', async () => {
    taskId = await store.createTask();
    await seedCheckpoint(store.database, { taskId, number: 1 });
    await store.post(`/v1/tasks/${taskId}/patches`, aPatch());
    const path = `/v1/tasks/${taskId}/patches`;
    expect(await store.delete(path)).toMatchObject({ status: 200, body: { deletedCount: 2 } });
    expect((await store.delete(path)).body).toEqual({ deletedCount: 0 });
    await eventually(async () =>
      expect((await store.get(`/v1/tasks/${taskId}/checkpoints/1`)).body).toMatchObject({ patchId: null }),
    );
    expect((await store.delete(`/v1/tasks/${uuidv7()}/patches`)).status).toBe(404);
  });
});
