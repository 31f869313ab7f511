import { describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import {
  MAX_UNCONFIRMED_TASKS,
  encode,
  subjects,
  type DaemonView,
  type DeadLetterPage,
  type DeadLetterView,
  type StopTask,
  type TaskPage,
  type TaskView,
} from '#contracts';
import { insertDeadLetter, NOW, updateTask, type NewDeadLetter } from '#database';
import { eventually } from '#testing';
import { useRunningPatchStore } from '../../testing/use-running-patch-store.js';

const store = useRunningPatchStore();

const heartbeat = (daemonId: string, fields: object = {}) => ({
  schemaVersion: 1,
  eventId: uuidv7(),
  daemonId,
  pool: 'default',
  hostname: 'worker-1',
  agentVersion: '0.1.0',
  maxTasks: 4,
  tasks: [],
  // A day off: only the database's clock decides who is alive.
  startedAt: new Date(Date.now() - 86_400_000).toISOString(),
  ...fields,
});

async function beat(subject: string, message: object): Promise<void> {
  const connection = await store.nats.connection();
  connection.publish(subject, encode(message));
  await connection.flush();
}

async function daemon(id: string): Promise<DaemonView | undefined> {
  const { body } = await store.get<{ daemons: DaemonView[] }>('/v1/daemons');
  return body.daemons.find((daemon) => daemon.id === id);
}

describe('GET /v1/daemons', () => {
  it('shows each daemon as its last heartbeat said', async () => {
    const task = { taskId: uuidv7(), attempt: 2 };
    await beat(subjects.heartbeat('worker-a'), heartbeat('worker-a'));
    await eventually(async () =>
      expect(await daemon('worker-a')).toMatchObject({ state: 'alive', tasks: [] }),
    );
    await beat(subjects.heartbeat('worker-a'), heartbeat('worker-a', { pool: 'gpu', tasks: [task] }));
    await eventually(async () =>
      expect(await daemon('worker-a')).toMatchObject({ pool: 'gpu', maxTasks: 4, tasks: [task] }),
    );
  });

  it('counts one that was silent for 120 s as dead, until it is heard again', async () => {
    await beat(subjects.heartbeat('worker-b'), heartbeat('worker-b'));
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
    await beat(subjects.heartbeat('worker-b'), heartbeat('worker-b'));
    await eventually(async () => expect((await daemon('worker-b'))?.state).toBe('alive'));
  });

  it('does not believe a heartbeat in the name of another', async () => {
    await beat(subjects.heartbeat('liar'), heartbeat('victim'));
    await beat(subjects.heartbeat('liar'), { schemaVersion: 1 });
    await beat(subjects.heartbeat('honest'), heartbeat('honest'));
    await eventually(async () => expect(await daemon('honest')).toBeDefined());
    expect(await daemon('victim')).toBeUndefined();
  });
});

describe('unconfirmed captures of a task', () => {
  const held = async (daemonId: string): Promise<string> => {
    const taskId = await store.createTask({ name: daemonId });
    await beat(subjects.heartbeat(daemonId), heartbeat(daemonId));
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
  const say = (daemonId: string, unconfirmedCaptures: object[]) =>
    beat(subjects.heartbeat(daemonId), heartbeat(daemonId, { unconfirmedCaptures }));

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

describe('/v1/dead-letters', () => {
  const deadLetter = (fields: Partial<NewDeadLetter> = {}) =>
    insertDeadLetter(store.database.manager, {
      id: uuidv7(),
      consumer: 'patch-store',
      subject: subjects.event('dead-lettered', uuidv7(), 'task-lost'),
      code: 'BAD_JSON',
      reason: 'It is not JSON.',
      payload: Buffer.from(`{"half ${uuidv7()}`),
      headers: { 'Nats-Msg-Id': 'old', kept: 'yes' },
      deliveredCount: 1,
      ...fields,
    });
  const list = async (query: string) => (await store.get<DeadLetterPage>(`/v1/dead-letters?${query}`)).body;

  it('are listed by pages, newest first, and filtered', async () => {
    const daemonId = 'clumsy';
    const ids = [];
    for (const code of ['BAD_ID', 'BAD_SHA', 'BAD_ID'] as const)
      ids.unshift(await deadLetter({ code, daemonId }));
    const first = await list('daemon=clumsy&limit=2');
    expect(first.deadLetters.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    const second = await list(`daemon=clumsy&limit=2&cursor=${first.nextCursor}`);
    expect(second).toMatchObject({ deadLetters: [{ id: ids[2] }], nextCursor: null });
    expect((await list('daemon=clumsy&code=BAD_SHA')).deadLetters).toHaveLength(1);
    expect((await list(`task=${uuidv7()}`)).deadLetters).toEqual([]);
    expect(JSON.stringify(first)).not.toContain('payload');
    expect((await store.get('/v1/dead-letters?code=odd')).body).toMatchObject({ code: 'FIELD_INVALID' });
  });

  it('are shown with the very message', async () => {
    const text = await deadLetter({ payload: Buffer.from('{"a":1}') });
    const bytes = await deadLetter({ payload: Buffer.from([0xff, 0]) });
    const show = async (id: string) => (await store.get<DeadLetterView>(`/v1/dead-letters/${id}`)).body;
    expect(await show(text)).toMatchObject({ payload: 'eyJhIjoxfQ==', payloadText: '{"a":1}' });
    expect(await show(bytes)).toMatchObject({ payload: '/wA=', payloadText: null, replayedAt: null });
    for (const path of [uuidv7(), `${uuidv7()}/replay`]) {
      const answer = await (path.endsWith('replay') ? store.post : store.get).call(
        store,
        `/v1/dead-letters/${path}`,
      );
      expect(answer).toMatchObject({ status: 404, body: { code: 'DEAD_LETTER_NOT_FOUND' } });
    }
  });

  it('are sent again', async () => {
    const payload = Buffer.from('{"again":true}');
    const id = await deadLetter({ payload });
    const answer = await store.post<DeadLetterView>(`/v1/dead-letters/${id}/replay`);
    expect(answer).toMatchObject({ status: 202, body: { id, replayedAt: expect.any(String) } });
    expect(await store.messages('EVENTS', 'task-lost')).toContainEqual({
      subject: answer.body.subject,
      again: true,
    });
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
    for (let n = 0; n < 3; n++) await beat(subjects.heartbeat('cut-off'), heartbeat('cut-off', { tasks }));
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
    await beat(subjects.heartbeat('stranger'), heartbeat('stranger', { tasks }));
    await eventually(async () => expect(await daemon('stranger')).toBeDefined());
    expect((await store.get(`/v1/tasks/${taskId}`)).body).toMatchObject({ state: 'lost' });

    await beat(subjects.heartbeat('back-again'), heartbeat('back-again', { tasks }));
    await eventually(async () =>
      expect((await store.get(`/v1/tasks/${taskId}`)).body).toMatchObject({ state: 'running', attempt: 1 }),
    );
    expect(await stopsOf(taskId)).toEqual([]);
  });

  it('claims nothing that is meant for another pool', async () => {
    await beat(subjects.heartbeat('of-gpu'), heartbeat('of-gpu', { pool: 'gpu' }));
    await eventually(async () => expect(await daemon('of-gpu')).toBeDefined());
    await expect(runningOn('of-gpu')).rejects.toMatchObject({ code: 'TASK_STATE_CONFLICT' });
  });
});
