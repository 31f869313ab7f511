import { describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import type { StopTask, TaskEvent } from '#contracts';
import { eventually } from '#testing';
import { resumesOf } from '../../testing/resumes.js';
import { seedDaemon } from '../../testing/seed.js';
import { useRunningPatchStore } from '../../testing/use-running-patch-store.js';

const store = useRunningPatchStore();
const { spawnOf, failedTask, resume } = resumesOf(store);

describe('resume', () => {
  it('goes to the daemon, or the pool, that is asked for', async () => {
    const taskId = await failedTask();
    await resume(taskId, { daemonId: 'daemon-2' });
    expect((await spawnOf(taskId, 2)).subject).toBe('patchpoint.v1.command.daemon.daemon-2.spawn-task');
    await resume(taskId, { pool: 'other' });
    expect((await spawnOf(taskId, 3)).subject).toBe('patchpoint.v1.command.pool.other.spawn-task');
    expect((await store.get(`/v1/tasks/${taskId}`)).body).toMatchObject({
      pool: 'other',
      requestedDaemonId: null,
    });
  });

  it('refuses to take a task from a daemon that is alive, unless forced', async () => {
    await seedDaemon(store.database, 'alive-1');
    const taskId = await store.runningTask('alive-1');
    expect(await resume(taskId)).toMatchObject({ status: 409, body: { code: 'TASK_STATE_CONFLICT' } });
    expect((await store.get(`/v1/tasks/${taskId}`)).body.attempt).toBe(1);
    expect((await resume(taskId, { force: true })).status).toBe(202);
    await eventually(async () => {
      const [stop] = await store.messages<StopTask>('COMMANDS', 'daemon.alive-1.stop-task');
      expect(stop).toMatchObject({ taskId, attempt: 1 });
    });
  });

  it('goes on from where the source has moved to, and keeps that', async () => {
    const taskId = await failedTask();
    expect(await resume(taskId, { repoUrl: 'file:///moved', force: true })).toMatchObject({
      status: 202,
      body: { repoUrl: 'file:///moved' },
    });
    expect(await spawnOf(taskId, 2)).toMatchObject({ repoUrl: 'file:///moved' });
    expect(await resume(taskId, { force: true })).toMatchObject({ body: { repoUrl: 'file:///moved' } });
    expect(await resume(taskId, { repoUrl: 'https://u:p@example.com/a', force: true })).toMatchObject({
      status: 400,
      body: { code: 'CREDENTIALS_IN_URL', path: 'repoUrl' },
    });
  });

  it('resumes a supervisor while its daemon is alive', async () => {
    await seedDaemon(store.database, 'alive-2');
    const taskId = await store.runningTask('alive-2', { isSupervisor: true });
    expect((await resume(taskId)).status).toBe(202);
    expect(await spawnOf(taskId, 2)).toMatchObject({ isSupervisor: true });
  });

  it('takes a task from a daemon that was silent for two minutes', async () => {
    const taskId = await store.runningTask('dead-1');
    await seedDaemon(store.database, 'dead-1', 121);
    expect(await resume(taskId)).toMatchObject({ status: 202, body: { attempt: 2 } });
    await expect(store.claim(taskId, 'dead-1')).rejects.toMatchObject({ code: 'ATTEMPT_SUPERSEDED' });
  });

  it('gives each of several resumes at once an attempt of its own, in order', async () => {
    const taskId = await failedTask();
    const answers = await Promise.all(Array.from({ length: 5 }, () => resume(taskId)));
    expect(answers.map(({ body }) => body.attempt as number).sort()).toEqual([2, 3, 4, 5, 6]);
    await spawnOf(taskId, 6);
    const events = await eventually(async () => {
      const events = await store.messages<TaskEvent>('EVENTS', `${taskId}.task-spawning`);
      expect(events).toHaveLength(6);
      return events;
    });
    expect(events.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('refuses an unknown task and an unknown field', async () => {
    expect(await resume(uuidv7())).toMatchObject({ status: 404, body: { code: 'TASK_NOT_FOUND' } });
    const taskId = await failedTask();
    expect(await resume(taskId, { farce: true })).toMatchObject({ status: 400, body: { path: 'farce' } });
    expect(await resume(taskId, { force: 'yes' })).toMatchObject({ status: 400, body: { path: 'force' } });
  });
});
