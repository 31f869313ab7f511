import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import type { CheckpointDetail, CheckpointView, CreateCheckpoint, TaskSummary, TaskView } from '#contracts';
import { eventually } from '#testing';
import { bundleOf, seedCheckpoint, seedDaemon } from '../../testing/seed.js';
import { useRunningPatchStore } from '../../testing/use-running-patch-store.js';

const store = useRunningPatchStore();

interface Page {
  checkpoints: CheckpointView[];
  nextCursor: number | null;
}

describe('GET /v1/tasks/{id}/checkpoints', () => {
  it('lists by pages, the last stored first, and shows one', async () => {
    const taskId = await store.createTask();
    for (let number = 1; number <= 3; number++) await seedCheckpoint(store.database, { taskId, number });
    await seedCheckpoint(store.database, {
      taskId,
      number: 4,
      patchData: null,
      patchAbsentReason: 'too-large',
    });

    const first = await store.get<Page>(`/v1/tasks/${taskId}/checkpoints?limit=3`);
    expect(first.body.checkpoints.map(({ number }) => number)).toEqual([4, 3, 2]);
    expect(first.body.checkpoints[0]).toMatchObject({
      hasPatch: false,
      patchId: null,
      bundleId: null,
      patchAbsentReason: 'too-large',
    });
    const second = await store.get<Page>(
      `/v1/tasks/${taskId}/checkpoints?limit=3&cursor=${first.body.nextCursor}`,
    );
    expect(second.body.checkpoints.map(({ number }) => number)).toEqual([1]);
    expect(second.body.nextCursor).toBeNull();

    const one = await store.get(`/v1/tasks/${taskId}/checkpoints/2`);
    expect(one).toMatchObject({
      status: 200,
      body: { taskId, number: 2, kind: 'heartbeat', superseded: false, omissionsCount: 0 },
    });
  });

  it('shows what a checkpoint can be restored from', async () => {
    const taskId = await store.createTask();
    const omissions = [{ path: 'huge', reason: 'too large' }];
    const { patchId } = await seedCheckpoint(store.database, {
      taskId,
      number: 1,
      omissions,
      omissionsCount: 2,
    });
    const { bundleId } = await seedCheckpoint(store.database, {
      taskId,
      number: 2,
      patchData: null,
      bundleData: bundleOf(10),
    });
    const viewOf = async (number: number) =>
      (await store.get<CheckpointView>(`/v1/tasks/${taskId}/checkpoints/${number}`)).body;
    expect(await viewOf(1)).toMatchObject({
      hasPatch: true,
      patchId,
      bundleId: null,
      omissions,
      omissionsCount: 2,
    });
    expect(await viewOf(2)).toMatchObject({ hasPatch: true, patchId: null, bundleId });
    await store.delete(`/v1/tasks/${taskId}/patches`);
    expect(await viewOf(2)).toMatchObject({ hasPatch: false, patchId: null, bundleId: null });
  });

  it('says what is not there', async () => {
    const taskId = await store.createTask();
    const codeOf = async (path: string) => {
      const { status, body } = await store.get(path);
      return [status, body.code];
    };
    expect(await codeOf(`/v1/tasks/${uuidv7()}/checkpoints`)).toEqual([404, 'TASK_NOT_FOUND']);
    expect(await codeOf(`/v1/tasks/${uuidv7()}/checkpoints/1`)).toEqual([404, 'TASK_NOT_FOUND']);
    expect(await codeOf(`/v1/tasks/${taskId}/checkpoints/1`)).toEqual([404, 'CHECKPOINT_NOT_FOUND']);
    expect(await codeOf(`/v1/tasks/${taskId}/checkpoints/0`)).toEqual([400, 'FIELD_INVALID']);
    expect(await codeOf(`/v1/tasks/${taskId}/checkpoints/latest`)).toEqual([400, 'FIELD_INVALID']);
  });
});

describe('GET /v1/tasks/{id}/checkpoints/{n}', () => {
  it('names the files while their diff is there', async () => {
    const taskId = await store.createTask();
    const diff = 'diff --git a/x b/x\nindex 1..2 100644\n--- a/x\n+++ b/x\n@@ -1 +1,2 @@\n-1\n+1\n+2\n';
    const { patchId } = await seedCheckpoint(store.database, {
      taskId,
      number: 1,
      patchData: gzipSync(diff),
    });
    await seedCheckpoint(store.database, { taskId, number: 2, patchData: gzipSync('') });
    await seedCheckpoint(store.database, { taskId, number: 3, patchData: null, bundleData: bundleOf(9) });
    const filesOf = async (number: number) =>
      (await store.get<CheckpointDetail>(`/v1/tasks/${taskId}/checkpoints/${number}`)).body.files;
    expect(await filesOf(1)).toEqual([
      { path: 'x', status: 'modified', added: 2, removed: 1, binary: false },
    ]);
    expect(await filesOf(2)).toEqual([]);
    expect(await filesOf(3)).toBeNull();
    await store.database.manager.query(
      'UPDATE checkpoint_patches SET uncompressed_size_bytes = 67108865 WHERE id = $1',
      [patchId],
    );
    expect(await filesOf(1)).toBeNull();
    await store.delete(`/v1/tasks/${taskId}/patches`);
    expect(await filesOf(2)).toBeNull();
  });
});

describe('what a resume would bring back', () => {
  let taskId: string;
  // A second may end between the two answers, which tell the age of the checkpoint.
  const recovery = () =>
    eventually(async () => {
      const { body: list } = await store.get<{ tasks: TaskSummary[] }>('/v1/tasks?name=recovered');
      const { body: one } = await store.get<TaskView>(`/v1/tasks/${taskId}`);
      expect(one.recovery).toMatchObject(list.tasks.find(({ id }) => id === taskId)!.recovery);
      return one.recovery;
    });

  beforeEach(async () => {
    taskId = await store.createTask({ name: 'recovered' });
  });

  it('is nothing before the first checkpoint, then the newest', async () => {
    expect(await recovery()).toEqual({
      newestCheckpoint: null,
      restorableCheckpointNumber: null,
      notNewestBecause: 'no-checkpoint',
    });
    await seedCheckpoint(store.database, { taskId, number: 1, sequence: 9 });
    await seedCheckpoint(store.database, { taskId, number: 2, sequence: 1, message: 'late' });
    await store.database.manager.query(
      `UPDATE task_checkpoints SET created_at = now() - interval '1 hour' WHERE task_id = $1`,
      [taskId],
    );
    const found = await recovery();
    expect(found).toMatchObject({
      newestCheckpoint: { number: 1, isClean: false, baseReachable: true, filesChanged: 1 },
      restorableCheckpointNumber: 1,
      notNewestBecause: null,
    });
    expect(found.newestCheckpoint!.ageSeconds).toBeGreaterThanOrEqual(3600);
    expect(found.newestCheckpoint!.ageSeconds).toBeLessThan(3600 + 600);
    await seedCheckpoint(store.database, { taskId, number: 3, attempt: 2, superseded: true });
    expect((await recovery()).newestCheckpoint?.number).toBe(1);
  });

  it('is an older one, or none, when the newest has no patch', async () => {
    await seedCheckpoint(store.database, { taskId, number: 1, expiredForHours: 1 });
    const absent = { patchData: null, patchAbsentReason: 'too-large' } as const;
    await seedCheckpoint(store.database, { taskId, number: 2, ...absent });
    expect(await recovery()).toMatchObject({
      newestCheckpoint: { number: 2 },
      restorableCheckpointNumber: 1,
      notNewestBecause: 'too-large',
    });
    await seedCheckpoint(store.database, { taskId, number: 3, patchData: null, bundleData: bundleOf(10) });
    expect(await recovery()).toMatchObject({ restorableCheckpointNumber: 3, notNewestBecause: null });
    await store.delete(`/v1/tasks/${taskId}/patches`);
    expect(await recovery()).toMatchObject({
      newestCheckpoint: { number: 3 },
      restorableCheckpointNumber: null,
      notNewestBecause: 'expired',
    });
  });

  it('may have expired when the task is finished', async () => {
    await seedCheckpoint(store.database, { taskId, number: 1, expiredForHours: 1 });
    expect((await recovery()).restorableCheckpointNumber).toBe(1);
    await store.post(`/v1/tasks/${taskId}/stop`);
    expect(await recovery()).toMatchObject({
      restorableCheckpointNumber: null,
      notNewestBecause: 'expired',
    });
  });
});

describe('POST /v1/tasks/{id}/checkpoints', () => {
  it('asks the daemon that has the worktree', async () => {
    await seedDaemon(store.database, 'capturer');
    const taskId = await store.createTask();
    const path = `/v1/tasks/${taskId}/checkpoints`;
    expect(await store.post(path, { message: 'now' })).toMatchObject({
      status: 409,
      body: { code: 'TASK_STATE_CONFLICT' },
    });
    await store.claim(taskId, 'capturer');
    expect((await store.post(path, { message: 'now' })).status).toBe(202);
    await eventually(async () => {
      const commands = await store.messages<CreateCheckpoint>('COMMANDS', 'capturer.create-checkpoint');
      expect(commands).toHaveLength(1);
      expect(commands[0]).toMatchObject({ taskId, attempt: 1, daemonId: 'capturer', message: 'now' });
    });
    await seedDaemon(store.database, 'capturer', 121);
    expect((await store.post(path, { message: 'now' })).status).toBe(409);
  });

  it('needs a message', async () => {
    const taskId = await store.createTask();
    const answer = await store.post(`/v1/tasks/${taskId}/checkpoints`, {});
    expect(answer).toMatchObject({ status: 400, body: { code: 'FIELD_INVALID', path: 'message' } });
  });
});
