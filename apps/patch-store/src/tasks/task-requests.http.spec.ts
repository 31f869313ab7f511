import { describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import type { SpawnTask, StopTask } from '#contracts';
import { eventually } from '#testing';
import { seedDaemon } from '../../testing/seed.js';
import { useRunningPatchStore } from '../../testing/use-running-patch-store.js';

const store = useRunningPatchStore();

describe('POST /v1/tasks/{id}/stop', () => {
  it('tells the daemon, whose report then ends the task', async () => {
    await seedDaemon(store.database, 'stopping');
    const taskId = await store.runningTask('stopping');
    const answer = await store.post(`/v1/tasks/${taskId}/stop`, { reason: 'not needed' });
    expect(answer).toMatchObject({ status: 202, body: { state: 'running' } });
    const stop = await eventually(async () => {
      const [stop] = await store.messages<StopTask>('COMMANDS', 'daemon.stopping.stop-task');
      expect(stop).toBeDefined();
      return stop!;
    });
    expect(stop).toMatchObject({ taskId, attempt: 1, reason: 'not needed' });
    await store.report({ daemonId: 'stopping', taskId, attempt: 1, report: 'stopped', reason: 'not needed' });
    await eventually(async () =>
      expect((await store.get(`/v1/tasks/${taskId}`)).body).toMatchObject({
        state: 'stopped',
        stateReason: 'not needed',
      }),
    );
    expect(await store.post(`/v1/tasks/${taskId}/stop`)).toMatchObject({
      status: 202,
      body: { state: 'stopped' },
    });
  });

  it('stops a task that nobody has claimed at once, and nobody can claim it then', async () => {
    const taskId = await store.createTask();
    expect(await store.post(`/v1/tasks/${taskId}/stop`)).toMatchObject({
      status: 202,
      body: { state: 'stopped' },
    });
    await expect(store.claim(taskId, 'late')).rejects.toMatchObject({ code: 'TASK_STATE_CONFLICT' });
  });

  it('does not wait for a daemon that is dead', async () => {
    const taskId = await store.runningTask('dead-stopping');
    await seedDaemon(store.database, 'dead-stopping', 121);
    expect((await store.post(`/v1/tasks/${taskId}/stop`)).body.state).toBe('stopped');
  });

  it('answers 404 for an unknown task', async () => {
    expect((await store.post(`/v1/tasks/${uuidv7()}/stop`)).status).toBe(404);
  });
});

describe('PUT /v1/tasks/{id}/conversation-history', () => {
  it('keeps the history for the next resume', async () => {
    const taskId = await store.createTask({ pool: 'history' });
    const conversationHistory = [{ role: 'user', content: 'ä' }];
    expect(
      (await store.put(`/v1/tasks/${taskId}/conversation-history`, { conversationHistory })).status,
    ).toBe(204);
    await store.post(`/v1/tasks/${taskId}/resume`);
    await eventually(async () => {
      const spawns = await store.messages<SpawnTask>('COMMANDS', 'pool.history.spawn-task');
      expect(spawns[1]).toMatchObject({ attempt: 2, resumeSession: true, conversationHistory });
    });
    const { status } = await store.put(`/v1/tasks/${taskId}/conversation-history`, {
      conversationHistory: null,
    });
    expect(status).toBe(204);
  });

  it.each([
    [{}, 'FIELD_INVALID'],
    [{ conversationHistory: 'x'.repeat(1_000_000) }, 'FIELD_INVALID'],
    ['{"conversationHistory":[1,]}', 'BAD_JSON'],
    [`{"conversationHistory":${'['.repeat(100)}${']'.repeat(100)}}`, 'TOO_DEEP'],
  ])('refuses what no resume could send on', async (body, code) => {
    const taskId = await store.createTask();
    const answer = await store.put(`/v1/tasks/${taskId}/conversation-history`, body);
    expect(answer).toMatchObject({ status: 400, body: { code } });
  });

  it('answers 404 for an unknown task', async () => {
    const answer = await store.put(`/v1/tasks/${uuidv7()}/conversation-history`, { conversationHistory: [] });
    expect(answer.status).toBe(404);
  });
});

describe('POST /v1/tasks/{id}/cleanup', () => {
  it('asks the daemon of an ended task to remove its worktree', async () => {
    const taskId = await store.runningTask('cleaner');
    expect(await store.post(`/v1/tasks/${taskId}/cleanup`)).toMatchObject({
      status: 409,
      body: { code: 'TASK_STATE_CONFLICT' },
    });
    await store.report({ daemonId: 'cleaner', taskId, attempt: 1, report: 'completed', exitCode: 0 });
    await eventually(async () =>
      expect((await store.post(`/v1/tasks/${taskId}/cleanup`, { force: true })).status).toBe(202),
    );
    await eventually(async () => {
      const [command] = await store.messages('COMMANDS', 'daemon.cleaner.cleanup-worktree');
      expect(command).toMatchObject({ taskId, attempt: 1, force: true });
    });
  });

  it('refuses a task that has no worktree anywhere', async () => {
    const taskId = await store.createTask();
    await store.post(`/v1/tasks/${taskId}/stop`);
    expect((await store.post(`/v1/tasks/${taskId}/cleanup`)).status).toBe(409);
  });
});

describe('POST /v1/tasks/{id}/undo', () => {
  const conflict = (reason: string) => ({
    status: 409,
    body: { code: 'TASK_STATE_CONFLICT', detail: expect.stringContaining(reason) },
  });

  it('asks the living daemon of a task that has ended for good', async () => {
    const taskId = await store.runningTask('undoer');
    const undo = (body: object = {}) => store.post(`/v1/tasks/${taskId}/undo`, body);
    expect(await undo()).toMatchObject(conflict('not responding'));
    await seedDaemon(store.database, 'undoer');
    expect(await undo()).toMatchObject(conflict('running. Stop it first'));
    await store.report({ daemonId: 'undoer', taskId, attempt: 1, report: 'completed', exitCode: 0 });
    await eventually(async () => expect((await undo({ checkpointNumber: 4 })).status).toBe(202));
    await eventually(async () => {
      const [command] = await store.messages('COMMANDS', 'daemon.undoer.undo-worktree');
      expect(command).toMatchObject({ taskId, attempt: 1, checkpointNumber: 4 });
    });
  });

  it('refuses a task that is about to be resumed, and a watched worktree', async () => {
    await seedDaemon(store.database, 'releaser');
    const taskId = await store.runningTask('releaser');
    await store.report({ daemonId: 'releaser', taskId, attempt: 1, report: 'released' });
    await eventually(async () =>
      expect(await store.post(`/v1/tasks/${taskId}/undo`)).toMatchObject(conflict('released. Stop it first')),
    );
    const watched = await store.runningTask('releaser', { runner: 'watch', daemonId: 'releaser' });
    await store.report({ daemonId: 'releaser', taskId: watched, attempt: 1, report: 'stopped' });
    await eventually(async () =>
      expect(await store.post(`/v1/tasks/${watched}/undo`)).toMatchObject(conflict('watched worktree')),
    );
  });
});
