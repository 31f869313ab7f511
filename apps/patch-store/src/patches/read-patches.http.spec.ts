import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { CHUNK_SIZE_BYTES, type PatchInfo } from '#contracts';
import { BASE_SHA, bundleOf, gzipOf, seedCheckpoint, sha256Of, TREE_SHA } from '../../testing/seed.js';
import { useRunningPatchStore } from '../../testing/use-running-patch-store.js';

const store = useRunningPatchStore();
let taskId: string;

const setState = (state: string) =>
  store.database.manager.query('UPDATE tasks SET state = $2 WHERE id = $1', [taskId, state]);

describe('reading', () => {
  beforeAll(async () => {
    taskId = await store.createTask();
  });

  it('lists without bytes, shows one and the latest', async () => {
    await seedCheckpoint(store.database, { taskId, number: 1 });
    const second = await seedCheckpoint(store.database, { taskId, number: 2 });
    const { body } = await store.get<{ patches: PatchInfo[] }>(`/v1/tasks/${taskId}/patches`);
    expect(body.patches.map(({ checkpointNumber }) => checkpointNumber)).toEqual([2, 1]);
    expect(JSON.stringify(body)).not.toContain('patchData');
    const expected = {
      id: second.patchId,
      taskId,
      checkpointId: second.checkpointId,
      format: 'git-diff',
      baseCommitSha: BASE_SHA,
      treeSha: TREE_SHA,
      sha256: second.sha256,
      patchSizeBytes: second.patchData.length,
    };
    expect((await store.get(`/v1/patches/${second.patchId}`)).body).toMatchObject(expected);
    expect((await store.get(`/v1/tasks/${taskId}/patches/latest`)).body).toMatchObject(expected);
  });

  it('hands out the very bytes, also those of many slices', async () => {
    const patchData = gzipOf(3 * CHUNK_SIZE_BYTES);
    const { patchId, sha256 } = await seedCheckpoint(store.database, { taskId, number: 3, patchData });
    const response = await fetch(`${store.url}/v1/patches/${patchId}/content`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/gzip');
    expect(response.headers.get('etag')).toBe(`"${sha256}"`);
    expect(response.headers.get('content-length')).toBe(String(patchData.length));
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(sha256Of(bytes)).toBe(sha256);
    const again = await store.get(`/v1/patches/${patchId}/content`, { 'If-None-Match': `"${sha256}"` });
    expect([again.status, (again.body as unknown as string).length]).toEqual([304, 0]);
  });

  it('hands out a part, and no part of other bytes', async () => {
    const patchData = gzipOf(2 * CHUNK_SIZE_BYTES);
    const ofItsOwn = { taskId: await store.createTask(), number: 1 };
    const { patchId, sha256 } = await seedCheckpoint(store.database, { ...ofItsOwn, patchData });
    const ask = async (headers: Record<string, string>) => {
      const response = await fetch(`${store.url}/v1/patches/${patchId}/content`, { headers });
      const bytes = Buffer.from(await response.arrayBuffer());
      return { status: response.status, range: response.headers.get('content-range'), bytes, response };
    };
    const from = CHUNK_SIZE_BYTES - 7;
    const total = patchData.length;
    const middle = await ask({ Range: `bytes=${from}-${from + CHUNK_SIZE_BYTES}` });
    expect(middle).toMatchObject({ status: 206, range: `bytes ${from}-${from + CHUNK_SIZE_BYTES}/${total}` });
    expect(middle.bytes.equals(patchData.subarray(from, from + CHUNK_SIZE_BYTES + 1))).toBe(true);
    const end = await ask({ Range: 'bytes=-5', 'If-Range': `"${sha256}"` });
    expect([end.status, end.bytes]).toEqual([206, patchData.subarray(-5)]);
    expect((await ask({ Range: 'bytes=0-4', 'If-Range': '"other"' })).bytes).toHaveLength(total);
    const beyond = await ask({ Range: `bytes=${total}-` });
    expect(beyond).toMatchObject({ status: 416, range: `bytes */${total}` });
    expect(JSON.parse(beyond.bytes.toString())).toMatchObject({ status: 416 });
    const head = await fetch(`${store.url}/v1/patches/${patchId}/content`, { method: 'HEAD' });
    expect(head.headers.get('content-length')).toBe(String(total));
  });

  it('unpacks a diff for those who ask, and has no other form', async () => {
    const diff = 'diff --git a/x b/x\n'.repeat(50_000);
    const { patchId, sha256 } = await seedCheckpoint(store.database, {
      taskId: await store.createTask(),
      number: 1,
      patchData: gzipSync(diff),
      bundleData: bundleOf(10),
    });
    const path = `/v1/patches/${patchId}/content`;
    const text = await store.get<string>(path, { Accept: 'text/x-diff', Range: 'bytes=0-3' });
    expect(text.status).toBe(200);
    expect(text.headers.get('content-type')).toBe('text/x-diff');
    expect(text.body).toBe(diff);
    const etag = text.headers.get('etag')!;
    expect(etag).not.toBe(`"${sha256}"`);
    expect((await store.get(path, { Accept: 'text/x-diff', 'If-None-Match': etag })).status).toBe(304);
    expect((await store.get(path, { 'If-None-Match': etag })).status).toBe(200);
    expect((await store.get(path, { Accept: 'text/html, */*;q=0.1' })).headers.get('content-type')).toBe(
      'application/gzip',
    );
    expect(await store.get(path, { Accept: 'application/json' })).toMatchObject({
      status: 406,
      body: { status: 406, detail: 'A git-diff is available as application/gzip or text/x-diff.' },
    });
  });

  it('breaks off when the patch vanishes while it is read', async () => {
    const patchData = gzipOf(9 * 1024 * 1024);
    const { patchId } = await seedCheckpoint(store.database, { taskId, number: 4, patchData });
    const response = await fetch(`${store.url}/v1/patches/${patchId}/content`);
    await store.database.manager.query('DELETE FROM checkpoint_patches WHERE id = $1', [patchId]);
    await expect(response.arrayBuffer()).rejects.toThrow();
  });

  it('goes on when a client goes away', async () => {
    const patchData = gzipOf(9 * 1024 * 1024);
    const { patchId } = await seedCheckpoint(store.database, { taskId, number: 5, patchData });
    const gone = new AbortController();
    await fetch(`${store.url}/v1/patches/${patchId}/content`, { signal: gone.signal });
    gone.abort();
    expect((await store.get(`/v1/patches/${patchId}`)).status).toBe(200);
  });

  it('answers 410 for a patch whose time is over, but not for the newest of an unfinished task', async () => {
    const { patchId: older } = await seedCheckpoint(store.database, {
      taskId,
      number: 6,
      expiredForHours: 1,
    });
    const { patchId: newest } = await seedCheckpoint(store.database, {
      taskId,
      number: 7,
      expiredForHours: 1,
    });
    expect(await store.get(`/v1/patches/${older}`)).toMatchObject({
      status: 410,
      body: { code: 'PATCH_EXPIRED' },
    });
    expect((await store.get(`/v1/patches/${older}/content`)).status).toBe(410);
    expect((await store.get(`/v1/patches/${newest}`)).status).toBe(200);
    await setState('completed');
    expect((await store.get(`/v1/patches/${newest}`)).status).toBe(410);
    await setState('spawning');
  });

  it('says what is not there', async () => {
    const empty = await store.createTask();
    const codeOf = async (path: string) => {
      const { status, body } = await store.get(path);
      return [status, body.code];
    };
    expect(await codeOf(`/v1/patches/${uuidv7()}`)).toEqual([404, 'PATCH_NOT_FOUND']);
    expect(await codeOf(`/v1/patches/${uuidv7()}/content`)).toEqual([404, 'PATCH_NOT_FOUND']);
    expect(await codeOf('/v1/patches/x')).toEqual([400, 'BAD_ID']);
    expect(await codeOf(`/v1/tasks/${empty}/patches/latest`)).toEqual([404, 'PATCH_NOT_FOUND']);
    expect(await codeOf(`/v1/tasks/${uuidv7()}/patches/latest`)).toEqual([404, 'TASK_NOT_FOUND']);
    expect(await codeOf(`/v1/tasks/${uuidv7()}/patches`)).toEqual([404, 'TASK_NOT_FOUND']);
  });
});

describe('bundles', () => {
  const latest = (query = '') => store.get<PatchInfo>(`/v1/tasks/${taskId}/patches/latest${query}`);

  it('are shown beside diffs; the latest is the diff unless asked otherwise', async () => {
    taskId = await store.createTask();
    const bundleData = bundleOf(CHUNK_SIZE_BYTES);
    const both = await seedCheckpoint(store.database, { taskId, number: 1, bundleData });
    const { body } = await store.get<{ patches: PatchInfo[] }>(`/v1/tasks/${taskId}/patches`);
    expect(body.patches.map(({ id, format }) => `${format} ${id}`).sort()).toEqual([
      `git-bundle ${both.bundleId}`,
      `git-diff ${both.patchId}`,
    ]);
    expect((await latest()).body.id).toBe(both.patchId);
    expect((await latest('?format=git-diff')).body.id).toBe(both.patchId);
    expect((await latest('?format=git-bundle')).body.id).toBe(both.bundleId);
    expect(await latest('?format=zip')).toMatchObject({
      status: 400,
      body: { code: 'FIELD_INVALID', path: 'format' },
    });
  });

  it('are the latest when there is no diff, and a diff that is asked for is not there', async () => {
    const bundleData = bundleOf(CHUNK_SIZE_BYTES + 5);
    const { bundleId } = await seedCheckpoint(store.database, {
      taskId,
      number: 2,
      patchData: null,
      bundleData,
    });
    expect((await latest()).body).toMatchObject({ id: bundleId, format: 'git-bundle', checkpointNumber: 2 });
    const absent = await latest('?format=git-diff');
    expect(absent).toMatchObject({ status: 404, body: { code: 'PATCH_NOT_FOUND' } });
    expect(JSON.stringify(absent.body)).toContain(`has only a git-bundle, ${bundleId}`);
  });

  it('are handed out as what they are', async () => {
    const { body } = await latest();
    const response = await fetch(`${store.url}/v1/patches/${body.id}/content`);
    expect(response.headers.get('content-type')).toBe('application/x-git-bundle');
    expect(response.headers.get('content-disposition')).toBe(`attachment; filename="${body.id}.bundle"`);
    expect(sha256Of(Buffer.from(await response.arrayBuffer()))).toBe(body.sha256);
  });

  it('outlive their time together with the diff beside them, and end with it', async () => {
    const seeded = await seedCheckpoint(store.database, {
      taskId,
      number: 3,
      bundleData: bundleOf(10),
      expiredForHours: 1,
    });
    const statuses = () =>
      Promise.all(
        [seeded.patchId, seeded.bundleId].map(async (id) => (await store.get(`/v1/patches/${id}`)).status),
      );
    expect(await statuses()).toEqual([200, 200]);
    await setState('completed');
    expect(await statuses()).toEqual([410, 410]);
  });
});
