import { describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import type { CheckpointPage, Conversation, SpawnTask, TaskEvent, TaskView } from '#contracts';
import {
  findCheckpoint,
  insertConversationParts,
  listPatches,
  readConversationSlice,
  readPatchSlice,
  TaskCheckpoint,
} from '#database';
import { eventually } from '#testing';
import { bundleOf, seedCheckpoint, sha256Of } from '../../testing/seed.js';
import { useRunningPatchStore } from '../../testing/use-running-patch-store.js';

const store = useRunningPatchStore();

const fork = (taskId: string, body: object = {}, headers: Record<string, string> = {}) =>
  store.post<TaskView & { code?: string }>(`/v1/tasks/${taskId}/fork`, body, headers);

/** Of a task: what its first order to a daemon says. */
const spawnOf = (taskId: string) =>
  eventually(async () => {
    const spawns = await store.messages<SpawnTask>('COMMANDS', 'spawn-task');
    const spawn = spawns.find((each) => each.taskId === taskId);
    expect(spawn).toBeDefined();
    return spawn!;
  });

describe('POST /v1/tasks/{id}/fork', () => {
  it('makes a task that begins with the newest restorable checkpoint, as its own', async () => {
    const origin = await store.claimedTask();
    await seedCheckpoint(store.database, { taskId: origin, number: 1 });
    const seeded = await seedCheckpoint(store.database, {
      taskId: origin,
      number: 2,
      attempt: 3,
      bundleData: bundleOf(100),
      omissions: [{ path: 'big.bin', reason: 'too-large' }] as never,
      omissionsCount: 1,
    });
    await seedCheckpoint(store.database, { taskId: origin, number: 3, attempt: 3, patchData: null });

    const made = await fork(origin, { plan: 'Another way.' });
    expect(made.status).toBe(201);
    const { id } = made.body;
    expect(made.headers.get('location')).toBe(`/v1/tasks/${id}`);
    expect(made.body).toMatchObject({
      name: 'Fix the tests-fork-1',
      plan: 'Another way.',
      runner: 'shell',
      repoUrl: 'https://example.com/a.git',
      state: 'spawning',
      attempt: 1,
      daemonId: null,
      targetBranch: null,
      lastCheckpointNumber: 1,
      forkedFrom: { taskId: origin, checkpointNumber: 2 },
      recovery: { restorableCheckpointNumber: 1, newestCheckpoint: { number: 1, attempt: 0 } },
    });
    const spawn = await spawnOf(id);
    expect(spawn).toMatchObject({
      attempt: 1,
      resumeSession: true,
      forkedFrom: { taskId: origin, checkpointNumber: 2 },
      checkpointNumber: 1,
      checkpointAttempt: 0,
      patchSha256: seeded.sha256,
      patchData: seeded.patchData.toString('base64'),
      plan: 'Another way.',
    });
    expect(spawn.patchId).not.toBe(seeded.patchId);
    await eventually(async () => {
      const events = await store.messages<TaskEvent>('EVENTS', `.${id}.task-spawning`);
      expect(events).toMatchObject([
        { checkpointNumber: 1, forkedFrom: { taskId: origin, checkpointNumber: 2 } },
      ]);
    });
    expect((await fork(origin)).body).toMatchObject({ name: 'Fix the tests-fork-2', plan: 'make test' });
    expect((await store.get(`/v1/tasks/${origin}`)).body).toMatchObject({ forkedFrom: null });
  });

  it('copies every column of the checkpoint, and patches and conversation that are its own from then on', async () => {
    const origin = await store.claimedTask();
    await seedCheckpoint(store.database, { taskId: origin, number: 1, bundleData: bundleOf(100) });
    const said = Buffer.from('one\ntwo\nthree\n');
    const conversation: Conversation = {
      runner: 'claude-code',
      sessionId: 'abc',
      linesCount: 2,
      files: [{ path: 'a.jsonl', lengthBytes: 8, sha256: sha256Of(said.subarray(0, 8)), generation: 2 }],
    };
    const { manager } = store.database;
    await manager.update(
      TaskCheckpoint,
      { taskId: origin, number: 1 },
      { conversation: conversation as never },
    );
    const part = { taskId: origin, attempt: 1, path: 'a.jsonl' };
    await insertConversationParts(manager, [
      { ...part, generation: 1, startByte: 0, data: Buffer.from('rewritten') },
      { ...part, generation: 2, startByte: 0, data: said.subarray(0, 4) },
      { ...part, generation: 2, startByte: 4, data: said.subarray(4) },
    ]);

    const { id } = (await fork(origin)).body;
    const [original, copy] = [await findCheckpoint(manager, origin, 1), await findCheckpoint(manager, id, 1)];
    const [bundle, diff] = (await listPatches(manager, id)).sort((a, b) => b.format.localeCompare(a.format));
    expect([bundle!.format, diff!.format].sort()).toEqual(['git-bundle', 'git-diff']);
    expect(copy).toEqual({
      ...original,
      id: expect.not.stringContaining(original!.id),
      taskId: id,
      eventId: expect.not.stringContaining(original!.eventId),
      attempt: 0,
      sequence: 1,
      patchId: [bundle, diff].find((each) => each!.format === 'git-diff')!.id,
      bundleId: [bundle, diff].find((each) => each!.format === 'git-bundle')!.id,
      createdAt: expect.any(Date),
    });
    await store.delete(`/v1/tasks/${origin}/patches`);
    await manager.query('DELETE FROM tasks WHERE id = $1', [origin]);
    const read = (offsetBytes: number) =>
      readConversationSlice(
        manager,
        { taskId: id, attempt: 0, path: 'a.jsonl', generation: 2 },
        { offsetBytes, lengthBytes: 100 },
      );
    expect(String(await read(0))).toBe('one\n');
    // What was said after the checkpoint is no part of the fork.
    expect(String(await read(4))).toBe('two\n');
    for (const { id: patchId, sha256, patchSizeBytes } of [bundle!, diff!]) {
      const range = { offsetBytes: 0, lengthBytes: patchSizeBytes };
      expect(sha256Of((await readPatchSlice(manager, patchId, range))!.data)).toBe(sha256);
    }
    expect((await store.get<CheckpointPage>(`/v1/tasks/${id}/checkpoints`)).body.checkpoints).toHaveLength(1);
  });

  it('takes any checkpoint that can be restored, also one that is superseded', async () => {
    const origin = await store.claimedTask();
    await seedCheckpoint(store.database, { taskId: origin, number: 1, superseded: true });
    await seedCheckpoint(store.database, { taskId: origin, number: 2 });
    const { body } = await fork(origin, { checkpointNumber: 1, name: 'an old one', pool: 'other' });
    expect(body).toMatchObject({
      name: 'an old one',
      pool: 'other',
      forkedFrom: { checkpointNumber: 1 },
      recovery: { restorableCheckpointNumber: 1 },
    });
    expect((await spawnOf(body.id)).subject).toContain('.pool.other.');
  });

  it('makes one task of a request that is sent twice, and refuses another one under its id', async () => {
    const origin = await store.claimedTask();
    await seedCheckpoint(store.database, { taskId: origin, number: 1 });
    const id = uuidv7();
    expect((await fork(origin, { id })).status).toBe(201);
    expect(await fork(origin, { id })).toMatchObject({ status: 200, body: { id } });
    expect(await fork(origin, { id, plan: 'x' })).toMatchObject({
      status: 409,
      body: { code: 'EVENT_CONFLICT' },
    });
    expect(
      (await store.messages<SpawnTask>('COMMANDS', 'spawn-task')).filter((each) => each.taskId === id),
    ).toHaveLength(1);
    const keyed = { 'Idempotency-Key': uuidv7() };
    const [first, again] = [await fork(origin, {}, keyed), await fork(origin, {}, keyed)];
    expect(again.body.id).toBe(first.body.id);
  });

  it('refuses what it cannot go on from, with the reason', async () => {
    const origin = await store.claimedTask();
    expect(await fork(origin)).toMatchObject({ status: 404, body: { code: 'CHECKPOINT_NOT_FOUND' } });
    await seedCheckpoint(store.database, {
      taskId: origin,
      number: 1,
      patchData: null,
      patchAbsentReason: 'too-large',
    });
    expect(await fork(origin)).toMatchObject({
      status: 404,
      body: { code: 'PATCH_NOT_FOUND', detail: expect.stringContaining('too-large') },
    });
    await seedCheckpoint(store.database, { taskId: origin, number: 2, expiredForHours: 1 });
    await seedCheckpoint(store.database, { taskId: origin, number: 3 });
    await store.post(`/v1/tasks/${origin}/stop`);
    const refusal = (code: string, status: number) => ({ status, body: { code } });
    expect(await fork(origin, { checkpointNumber: 2 })).toMatchObject(refusal('PATCH_EXPIRED', 410));
    await store.delete(`/v1/tasks/${origin}/patches`);
    expect(await fork(origin, { checkpointNumber: 3 })).toMatchObject(refusal('PATCH_EXPIRED', 410));
    expect(await fork(origin, { checkpointNumber: 9 })).toMatchObject(refusal('CHECKPOINT_NOT_FOUND', 404));
    expect(await fork(uuidv7())).toMatchObject(refusal('TASK_NOT_FOUND', 404));
    const watched = await store.createTask({ runner: 'watch', daemonId: 'watcher' });
    await seedCheckpoint(store.database, { taskId: watched, number: 1 });
    expect(await fork(watched)).toMatchObject(refusal('TASK_STATE_CONFLICT', 409));
    expect(await fork(origin, { targetBranch: 'a..b' })).toMatchObject({
      status: 400,
      body: { code: 'BAD_REF' },
    });
    const { body } = await store.get<{ tasks: TaskView[] }>('/v1/tasks');
    expect(body.tasks.filter(({ forkedFrom }) => forkedFrom?.taskId === origin)).toEqual([]);
  });
});
