import { describe, expect, it } from '@jest/globals';
import { compose, DaemonHeartbeat } from '#contracts';
import { v7 as uuidv7 } from 'uuid';
import { isDataRefused } from '../../database-error.js';
import { findDaemons } from '../daemons/find-daemons.js';
import { findTask, lockTask } from '../tasks/find-task.js';
import { aCheckpoint, aTask } from '../../../testing/fixtures.js';
import { insertCheckpoints } from '../checkpoints/insert-checkpoints.js';
import { insertDeadLetter, type NewDeadLetter } from '../dead-letters/insert-dead-letter.js';
import { findDeadLetter, listDeadLetters } from '../dead-letters/list-dead-letters.js';
import { markDeadLetterReplayed } from '../dead-letters/mark-dead-letter-replayed.js';
import { insertTask } from '../tasks/insert-task.js';
import { listCheckpoints } from '../checkpoints/list-checkpoints.js';
import { EVERY_TASK } from '../sql/visible-to.js';
import { listTasks } from '../tasks/list-tasks.js';
import { lockTasks } from '../tasks/lock-tasks.js';
import { NOW, updateTask } from '../tasks/update-task.js';
import { upsertDaemon } from '../daemons/upsert-daemon.js';
import { useOpenDatabase } from '../../../testing/use-open-database.js';

const database = useOpenDatabase();

/** JSON that parsing and writing would change. */
const odd = '{ "b":1e400,  "2":12345678901234567890,"1":"\\u0000 \\u00e9é \\ud800", "__proto__":1.10,"b":{}}';

describe('tasks', () => {
  it('are created once', async () => {
    const task = aTask({ conversationHistory: odd, isSupervisor: true });
    expect(await insertTask(database().manager, task)).toBe(true);
    expect(await insertTask(database().manager, { ...task, name: 'another' })).toBe(false);
    expect(await findTask(database().manager, task.id)).toMatchObject({
      ...task,
      state: 'spawning',
      attempt: 1,
      lastCheckpointNumber: 0,
      autoResume: true,
      daemonId: null,
      endedAt: null,
    });
    expect(await findTask(database().manager, uuidv7())).toBeNull();
  });

  it('change under a lock, at the time of the database', async () => {
    const task = aTask();
    await insertTask(database().manager, task);
    await database().transaction(async (manager) => {
      const locked = await lockTask(manager, task.id);
      expect(locked?.attempt).toBe(1);
      await updateTask(manager, task.id, {
        state: 'failed',
        exitCode: 3,
        stateReason: 'it broke',
        endedAt: NOW,
        conversationHistory: odd,
      });
    });
    const changed = await findTask(database().manager, task.id);
    expect(changed).toMatchObject({
      state: 'failed',
      exitCode: 3,
      conversationHistory: odd,
      name: 'a task',
    });
    expect(changed!.endedAt).toEqual(changed!.updatedAt);
    await updateTask(database().manager, task.id, { endedAt: null, conversationHistory: null });
    expect(await findTask(database().manager, task.id)).toMatchObject({
      endedAt: null,
      conversationHistory: null,
    });
  });

  it('are listed newest first, page by page', async () => {
    const pool = 'paged';
    const tasks = [aTask({ pool }), aTask({ pool, state: 'running' }), aTask({ pool, daemonId: 'd' })];
    for (const task of tasks) await insertTask(database().manager, task);
    const ids = async (filter: object) =>
      (await listTasks(database().manager, EVERY_TASK, { pool, limit: 2, ...filter })).map((task) => task.id);
    expect(await ids({})).toEqual([tasks[2]!.id, tasks[1]!.id]);
    expect(await ids({ before: tasks[1]!.id })).toEqual([tasks[0]!.id]);
    expect(await ids({ state: 'running' })).toEqual([tasks[1]!.id]);
    expect(await ids({ daemonId: 'd' })).toEqual([tasks[2]!.id]);
  });

  it('refuse a state that does not exist', async () => {
    const error = await insertTask(database().manager, aTask({ state: 'odd' as never })).catch(
      (error: Error) => error,
    );
    expect(isDataRefused(error)).toBe(true);
  });

  it('are locked without deadlock by transactions that name them in another order', async () => {
    const ids = Array.from({ length: 20 }, () => aTask());
    for (const task of ids) await insertTask(database().manager, task);
    const forward = ids.map(({ id }) => id);
    const lockAll = (order: string[]) =>
      database().transaction(async (manager) => (await lockTasks(manager, order)).map(({ id }) => id));
    const locked = await Promise.all(
      Array.from({ length: 20 }, (_, index) => lockAll(index % 2 ? forward : forward.toReversed())),
    );
    expect(locked).toEqual(locked.map(() => forward));
  });
});

describe('checkpoints', () => {
  it('are listed by number, the last first', async () => {
    const task = aTask();
    await insertTask(database().manager, task);
    const checkpoints = [1, 2, 3].map((number) => aCheckpoint({ taskId: task.id, number, sequence: number }));
    const storedAt = await insertCheckpoints(database().manager, checkpoints);
    const page = await listCheckpoints(database().manager, task.id, { before: 3, limit: 2 });
    expect(page).toEqual([
      { ...checkpoints[1], createdAt: storedAt },
      { ...checkpoints[0], createdAt: storedAt },
    ]);
  });
});

describe('daemons', () => {
  const heartbeat = (daemonId: string, pool: string) =>
    compose(DaemonHeartbeat, {
      eventId: uuidv7(),
      daemonId,
      pool,
      hostname: 'host',
      agentVersion: '1.0.0',
      maxTasks: 4,
      tasks: [{ taskId: uuidv7(), attempt: 1 }],
      startedAt: new Date().toISOString(),
    });

  it('are known from their first heartbeat, and dead after two minutes of silence', async () => {
    expect(await upsertDaemon(database().manager, heartbeat('quiet', 'p'))).toEqual({ isNew: true });
    expect(await upsertDaemon(database().manager, heartbeat('quiet', 'p'))).toEqual({ isNew: false });
    await upsertDaemon(database().manager, heartbeat('other', 'q'));
    await database().manager.query(
      `UPDATE daemons SET last_heartbeat_at = now() - interval '121 seconds' WHERE id = 'quiet'`,
    );
    const known = await findDaemons(database().manager, 120);
    expect(known.map(({ id, isAlive }) => [id, isAlive])).toEqual([
      ['other', true],
      ['quiet', false],
    ]);
    expect(await findDaemons(database().manager, 120, { pool: 'q' })).toMatchObject([
      { id: 'other', maxTasks: 4, runningTasks: [{ attempt: 1 }] },
    ]);
    expect(await findDaemons(database().manager, 120, { id: 'quiet' })).toHaveLength(1);
  });
});

describe('dead letters', () => {
  const letter = (fields: Partial<NewDeadLetter> = {}): NewDeadLetter => ({
    id: uuidv7(),
    consumer: 'checkpoint-ingest',
    subject: 's',
    code: 'BAD_JSON',
    reason: 'no JSON',
    payload: Buffer.from([0, 255, 1]),
    deliveredCount: 1,
    ...fields,
  });

  it('keep the message whole, once', async () => {
    const first = letter({ subject: 'once' });
    expect(await insertDeadLetter(database().manager, first)).toBe(first.id);
    const again = { ...first, id: uuidv7(), reason: 'still no JSON', deliveredCount: 2 };
    expect(await insertDeadLetter(database().manager, again)).toBe(first.id);
    expect(await findDeadLetter(database().manager, first.id)).toMatchObject({
      reason: 'still no JSON',
      payload: first.payload,
      deliveredCount: 2,
    });
    expect(await findDeadLetter(database().manager, uuidv7())).toBeNull();
  });

  it('are listed newest first, page by page, without their payloads', async () => {
    const taskId = uuidv7();
    const ids: string[] = [];
    for (const n of [1, 2, 3]) {
      const code = n === 2 ? ('BAD_SHA' as const) : ('BAD_JSON' as const);
      ids.push(await insertDeadLetter(database().manager, letter({ subject: `list.${n}`, taskId, code })));
    }
    const page = await listDeadLetters(database().manager, { taskId, limit: 2 });
    expect(page.map(({ id }) => id)).toEqual([ids[2], ids[1]]);
    expect(page[0]).not.toHaveProperty('payload');
    const rest = await listDeadLetters(database().manager, { taskId, before: ids[1], limit: 2 });
    expect(rest.map(({ id }) => id)).toEqual([ids[0]]);
    const ofCode = await listDeadLetters(database().manager, { taskId, code: 'BAD_SHA', limit: 9 });
    expect(ofCode.map(({ id }) => id)).toEqual([ids[1]]);
  });

  it('are open again once what was replayed is refused again', async () => {
    const first = letter({ subject: 'replayed' });
    await insertDeadLetter(database().manager, first);
    expect(await markDeadLetterReplayed(database().manager, first.id)).toEqual({
      subject: 'replayed',
      headers: {},
      isCut: false,
      payload: first.payload,
    });
    const replayedAt = async () => (await findDeadLetter(database().manager, first.id))?.replayedAt;
    expect(await replayedAt()).toBeInstanceOf(Date);
    await insertDeadLetter(database().manager, first);
    expect(await replayedAt()).toBeNull();
    expect(await markDeadLetterReplayed(database().manager, uuidv7())).toBeNull();
  });
});
