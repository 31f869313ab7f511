import { afterEach, describe, expect, it } from '@jest/globals';
import type { TaskEvent } from '#contracts';
import { NatsClient } from '#messaging';
import { eventually, useDatabase, useNats } from '#testing';
import { RunningPatchStore } from '../testing/running-patch-store.js';

const postgres = useDatabase();
const server = useNats();
const running: RunningPatchStore[] = [];

async function start(): Promise<RunningPatchStore> {
  const store = await new RunningPatchStore().start({ databaseUrl: postgres.url, natsUrl: server.url });
  running.push(store);
  return store;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((store) => store.stop()));
});

describe('patch-store', () => {
  it('leaves nothing unacknowledged when it stops under load, and the next one goes on', async () => {
    const store = await start();
    const taskIds = await Promise.all(Array.from({ length: 20 }, () => store.createTask()));
    await Promise.all(taskIds.map((taskId) => store.claim(taskId, 'daemon-1')));
    const about = (taskId: string) => ({ daemonId: 'daemon-1', taskId, attempt: 1 });
    const reports = taskIds.map(async (taskId) => {
      await store.report({ ...about(taskId), report: 'started' });
      await store.report({ ...about(taskId), report: 'completed', exitCode: 0 });
    });
    const stopping = store.app.close();
    await Promise.all(reports);
    await stopping;
    await store.app.close();

    const witness = new NatsClient({ url: server.url }, 'witness');
    const manager = await witness.jetStreamManager();
    expect((await manager.consumers.info('TASKS', 'patch-store')).num_ack_pending).toBe(0);
    await witness.close();

    const next = await start();
    await eventually(async () => {
      const { body } = await next.get<{ tasks: unknown[] }>('/v1/tasks?state=completed');
      expect(body.tasks).toHaveLength(20);
    });
    for (const taskId of taskIds) {
      await eventually(async () => {
        const events = await next.messages<TaskEvent>('EVENTS', '');
        const kinds = events.filter((event) => event.taskId === taskId).map(({ kind }) => kind);
        expect(kinds).toEqual(['task-spawning', 'task-started', 'task-completed']);
      });
    }
  });

  it('keeps tasks while NATS is away, and sends them when it is back', async () => {
    const store = await start();
    await server.kill();
    const taskId = await store.createTask({ pool: 'later' });
    await eventually(async () => {
      const { status, body } = await store.get('/readyz');
      expect(status).toBe(503);
      expect(body).toMatchObject({
        error: { nats: { status: 'down' } },
        details: { postgres: { status: 'up' } },
      });
    });
    await server.restart();
    await eventually(
      async () => {
        const spawns = await store.messages<{ taskId: string }>('COMMANDS', 'pool.later.spawn-task');
        expect(spawns.map((spawn) => spawn.taskId)).toEqual([taskId]);
      },
      { timeoutMs: 60_000 },
    );
  });
});
