import { describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import {
  MAX_UNCONFIRMED_TASKS,
  encode,
  subjects,
  type DaemonView,
  type StopTask,
  type TaskPage,
  type TaskView,
  type UnconfirmedCaptures,
} from '#contracts';
import { NOW, updateTask } from '#database';
import { eventually } from '#testing';
import { aHeartbeat } from '../../testing/running-patch-store.js';
import { useRunningPatchStore } from '../../testing/use-running-patch-store.js';

const store = useRunningPatchStore();

async function daemon(id: string): Promise<DaemonView | undefined> {
  const { body } = await store.get<{ daemons: DaemonView[] }>('/v1/daemons');
  return body.daemons.find((daemon) => daemon.id === id);
}

describe('GET /v1/daemons', () => {
  it('shows each daemon as its last heartbeat said', async () => {
    const task = { taskId: uuidv7(), attempt: 2 };
    await store.beat('worker-a');
    await eventually(async () =>
      expect(await daemon('worker-a')).toMatchObject({ state: 'alive', tasks: [] }),
    );
    await store.beat('worker-a', { pool: 'gpu', tasks: [task] });
    await eventually(async () =>
      expect(await daemon('worker-a')).toMatchObject({ pool: 'gpu', maxTasks: 4, tasks: [task] }),
    );
  });

  it('counts one that was silent for 120 s as dead, until it is heard again', async () => {
    await store.beat('worker-b');
    await eventually(async () => expect(await daemon('worker-b')).toBeDefined());
    const silence = (seconds: number) =>
      store.database.manager.query(
        `UPDATE daemons SET last_heartbeat_at = now() - make_interval(secs => $1) WHERE id = 'worker-b'`,
        [seconds],
      );
    await silence(100);
    expect((await daemon('worker-b'))?.state).toBe('alive');
    await silence(120);
    expect((await daemon('worker-b'))?.state).toBe('dead');
    await store.beat('worker-b');
    await eventually(async () => expect((await daemon('worker-b'))?.state).toBe('alive'));
  });

  it('does not believe a heartbeat in the name of another', async () => {
    await store.beat('liar', { daemonId: 'victim' });
    await store.publishHeartbeat('default', 'liar', { schemaVersion: 1 });
    await store.beat('honest');
    await eventually(async () => expect(await daemon('honest')).toBeDefined());
    expect(await daemon('victim')).toBeUndefined();
  });

  it('takes the pool from the subject, on which permissions are granted', async () => {
    await store.publishHeartbeat('default', 'climber', aHeartbeat({ daemonId: 'climber', pool: 'gold' }));
    await store.beat('settled');
    await eventually(async () => expect(await daemon('settled')).toBeDefined());
    expect(await daemon('climber')).toBeUndefined();
  });

  it('keeps a daemon of version 0.1 in the pool that it is known in, and takes no new one', async () => {
    const say = async (daemonId: string, pool: string) => {
      const connection = await store.nats.connection();
      const bytes = encode(aHeartbeat({ daemonId, pool, maxTasks: 9 }));
      connection.publish(subjects.heartbeatWithoutPool(daemonId), bytes);
      await connection.flush();
    };
    await store.beat('older');
    await store.beat('climbing');
    await eventually(async () => expect(await daemon('climbing')).toBeDefined());
    await say('climbing', 'gold');
    await say('unknown', 'default');
    await say('older', 'default');
    await eventually(async () => expect(await daemon('older')).toMatchObject({ maxTasks: 9 }));
    expect(await daemon('climbing')).toMatchObject({ pool: 'default', maxTasks: 4 });
    expect(await daemon('unknown')).toBeUndefined();
  });
});

describe('unconfirmed captures of a task', () => {
  const held = async (daemonId: string): Promise<string> => {
    const taskId = await store.createTask({ name: daemonId });
    await store.beat(daemonId);
    await eventually(async () => expect(await daemon(daemonId)).toBeDefined());
    await store.claim(taskId, daemonId);
    return taskId;
  };
  // A second may end between the two answers, which tell ages.
  const unconfirmed = (taskId: string) =>
    eventually(async () => {
      const { body: one } = await store.get<TaskView>(`/v1/tasks/${taskId}`);
      const { body: list } = await store.get<TaskPage>(`/v1/tasks?name=${one.name}`);
      expect(list.tasks[0]?.unconfirmedCaptures).toEqual(one.unconfirmedCaptures);
      return one.unconfirmedCaptures;
    });
  const say = (daemonId: string, unconfirmedCaptures: UnconfirmedCaptures[]) =>
    store.beat(daemonId, { unconfirmedCaptures });

  it('are as its daemon said last, also when that is dead', async () => {
    const taskId = await held('full-spool');
    expect(await unconfirmed(taskId)).toBeNull(); // a daemon that does not tell
    await say('full-spool', [{ taskId, count: 2, oldestAgeSeconds: 30 }]);
    await eventually(async () => expect(await unconfirmed(taskId)).toMatchObject({ count: 2 }));
    await store.database.manager.query(
      `UPDATE daemons SET last_heartbeat_at = now() - interval '1 hour' WHERE id = 'full-spool'`,
    );
    const last = await unconfirmed(taskId);
    expect(last).toEqual({
      count: 2,
      oldestAgeSeconds: 30 + last!.saidAgeSeconds,
      saidAgeSeconds: last!.saidAgeSeconds,
    });
    expect(last!.saidAgeSeconds).toBeGreaterThanOrEqual(3600);

    await say('full-spool', []);
    await eventually(async () =>
      expect(await unconfirmed(taskId)).toMatchObject({ count: 0, oldestAgeSeconds: null }),
    );
  });

  it("are those of the daemon that has it, and nobody else's", async () => {
    const taskId = await held('holder');
    await say('holder', []);
    await say('stranger-spool', [{ taskId, count: 9, oldestAgeSeconds: 1 }]);
    await eventually(async () => expect(await daemon('stranger-spool')).toBeDefined());
    await eventually(async () => expect(await unconfirmed(taskId)).toMatchObject({ count: 0 }));
    await store.post(`/v1/tasks/${taskId}/resume`, { force: true });
    expect(await unconfirmed(taskId)).toBeNull();
  });

  it('are not known of a task that a full list does not name', async () => {
    const taskId = await held('very-full');
    const others = Array.from({ length: MAX_UNCONFIRMED_TASKS - 1 }, () => ({
      taskId: uuidv7(),
      count: 1,
      oldestAgeSeconds: 1,
    }));
    await say('very-full', others);
    await eventually(async () => expect(await unconfirmed(taskId)).toMatchObject({ count: 0 }));
    await say('very-full', [...others, { taskId: uuidv7(), count: 1, oldestAgeSeconds: 1 }]);
    await eventually(async () => expect(await unconfirmed(taskId)).toBeNull());
  });
});

describe('a daemon that was cut off and is heard again', () => {
  async function runningOn(daemonId: string): Promise<string> {
    const taskId = await store.createTask();
    await store.claim(taskId, daemonId);
    return taskId;
  }

  const stopsOf = async (taskId: string) =>
    (await store.messages<StopTask>('COMMANDS', 'stop-task')).filter((stop) => stop.taskId === taskId);

  it('is told again to stop what was taken over meanwhile, once in a while', async () => {
    const taskId = await runningOn('cut-off');
    await store.post(`/v1/tasks/${taskId}/resume`, { force: true });
    await eventually(async () => expect(await stopsOf(taskId)).toHaveLength(1));
    const tasks = [{ taskId, attempt: 1 }];
    for (let n = 0; n < 3; n++) await store.beat('cut-off', { tasks });
    await eventually(async () => expect(await stopsOf(taskId)).toHaveLength(2));
    const [, again] = await stopsOf(taskId);
    expect(again).toMatchObject({ daemonId: 'cut-off', attempt: 1, reason: 'Attempt 2 has taken over.' });
    await eventually(async () =>
      expect(await store.database.manager.query('SELECT id FROM outbox')).toEqual([]),
    );
    expect(await stopsOf(taskId)).toHaveLength(2);
  });

  it('keeps what nobody has taken over', async () => {
    const taskId = await runningOn('back-again');
    await store.database.transaction(async (manager) => {
      await updateTask(manager, taskId, { state: 'lost', endedAt: NOW, resumeAt: NOW });
    });
    const tasks = [{ taskId, attempt: 1 }];
    // Not for the asking: another daemon does not hold the attempt.
    await store.beat('stranger', { tasks });
    await eventually(async () => expect(await daemon('stranger')).toBeDefined());
    expect((await store.get(`/v1/tasks/${taskId}`)).body).toMatchObject({ state: 'lost' });

    await store.beat('back-again', { tasks });
    await eventually(async () =>
      expect((await store.get(`/v1/tasks/${taskId}`)).body).toMatchObject({ state: 'running', attempt: 1 }),
    );
    expect(await stopsOf(taskId)).toEqual([]);
  });

  it('claims nothing that is meant for another pool', async () => {
    await store.beat('of-gpu', { pool: 'gpu' });
    await eventually(async () => expect(await daemon('of-gpu')).toBeDefined());
    await expect(runningOn('of-gpu')).rejects.toMatchObject({ code: 'TASK_STATE_CONFLICT' });
  });
});
