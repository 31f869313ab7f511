import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import {
  Database,
  findTask,
  noteListening,
  OutboxRow,
  TaskAttempt,
  updateTask,
  type Task,
  type TaskChanges,
} from '#database';
import { useDatabase } from '#testing';
import { seedPatch, seedTask } from '../../testing/seed.js';
import { age, MAX_RESUMES, seedDaemon, sweepAtOnce, watchSweeps } from '../../testing/watch.js';

Logger.overrideLogger(false);
const server = useDatabase();
let database: Database;
let janitors: ReturnType<typeof watchSweeps>[];

beforeAll(async () => {
  database = new Database({ databaseUrl: server.url, applicationName: 'spec', poolSize: 8 });
  await database.connected();
  janitors = [1, 2, 3].map(() => watchSweeps(database));
});
afterAll(() => database.onApplicationShutdown());
beforeEach(async () => {
  await database.manager.query('TRUNCATE tasks, daemons, outbox, heartbeat_listener CASCADE');
  await noteListening(database.manager);
  await listenedFor(3600);
});

/** As if heartbeats had been listened to for so long. */
async function listenedFor(seconds: number): Promise<void> {
  await database.manager.query(
    'UPDATE heartbeat_listener SET listening_since = now() - make_interval(secs => $1)',
    [seconds],
  );
}

const task = async (id: string): Promise<Task> => (await findTask(database.manager, id))!;

const sweep = async (name: 'deadDaemons' | 'lostTasks' | 'stuckSpawns'): Promise<number> => {
  const swept = await sweepAtOnce(janitors.map((janitor) => janitor[name]));
  return swept.reduce((sum, each) => sum + each, 0);
};

/** What was announced and ordered: the end of each subject, oldest first. */
async function said(taskId?: string): Promise<string[]> {
  const rows = await database.manager.find(OutboxRow, { order: { id: 'ASC' } });
  return rows
    .filter((row) => taskId === undefined || row.taskId === taskId)
    .map(({ subject }) => subject.split('.').at(-1)!);
}

/** A task that a daemon runs which was last heard of long ago. */
async function taskOfDeadDaemon(): Promise<string> {
  const id = await seedTask(database, 'running', 'dead');
  await seedDaemon(database, 'dead', { silentForSeconds: 500 });
  await age(database, id, 500);
  return id;
}

async function lostTask(fields: Partial<Task> = {}): Promise<string> {
  const id = await taskOfDeadDaemon();
  await updateTask(database.manager, id, fields as TaskChanges);
  await sweep('deadDaemons');
  return id;
}

describe('dead daemons', () => {
  it('lose their tasks, each once, however many janitors look', async () => {
    const ids = [await taskOfDeadDaemon()];
    for (let n = 1; n < 12; n++) ids.push(await taskOfDeadDaemon());
    expect(await sweep('deadDaemons')).toBe(12);
    for (const id of ids) {
      expect(await task(id)).toMatchObject({
        state: 'lost',
        stateReason: expect.stringContaining('"dead" has been silent'),
      });
    }
    expect(await said()).toEqual(Array(12).fill('task-lost'));
    expect(await sweep('deadDaemons')).toBe(0);
  });

  it('are not those that are heard, that have just claimed, or that hold nothing that runs', async () => {
    await seedDaemon(database, 'alive', { silentForSeconds: 100 });
    const heard = await seedTask(database, 'running', 'alive');
    await age(database, heard, 500);
    await seedDaemon(database, 'dead', { silentForSeconds: 500 });
    await seedTask(database, 'spawning', 'dead');
    await seedTask(database, 'completed', 'dead');
    await seedTask(database, 'spawning', null);
    expect(await sweep('deadDaemons')).toBe(0);
  });

  it('are not taken for dead while nobody could hear them', async () => {
    const id = await taskOfDeadDaemon();
    await listenedFor(60);
    expect(await sweep('deadDaemons')).toBe(0);
    await database.manager.query(
      `UPDATE heartbeat_listener SET listening_since = '2020-01-01', last_seen_at = '2020-01-02'`,
    );
    expect(await sweep('deadDaemons')).toBe(0);
    await noteListening(database.manager);
    expect(await sweep('deadDaemons')).toBe(0);
    await listenedFor(121);
    expect(await sweep('deadDaemons')).toBe(1);
    expect(await task(id)).toMatchObject({ state: 'lost' });
  });
});

describe('lost tasks', () => {
  it('go on elsewhere at once, from their newest checkpoint, each once', async () => {
    const id = await lostTask();
    await seedPatch(database, { taskId: id, number: 1, ttlHours: 1 });
    await seedDaemon(database, 'other');
    expect(await sweep('lostTasks')).toBe(1);
    expect(await task(id)).toMatchObject({ state: 'spawning', attempt: 2, daemonId: null, resumeAt: null });
    expect(await said(id)).toEqual(['task-lost', 'stop-task', 'spawn-task', 'task-spawning']);
    const rows = await database.manager.find(OutboxRow, { order: { id: 'ASC' } });
    expect(rows[2]).toMatchObject({
      subject: expect.stringContaining('pool.default.spawn-task'),
      payload: { attempt: 2, checkpointNumber: 1, resumeSession: true },
    });
    const attempts = await database.manager.find(TaskAttempt, { order: { attempt: 'ASC' } });
    expect(attempts).toMatchObject([
      { attempt: 1, cause: 'request', daemonId: 'dead', outcome: 'lost' },
      { attempt: 2, cause: 'resume', daemonId: null, outcome: null },
    ]);
  });

  it('stay lost when that is switched off for them', async () => {
    const id = await lostTask({ autoResume: false });
    await seedDaemon(database, 'other');
    expect(await sweep('lostTasks')).toBe(0);
    expect(await task(id)).toMatchObject({ state: 'lost', attempt: 1 });
  });

  it('wait for a living daemon of their pool, without spending attempts', async () => {
    const id = await lostTask();
    await seedDaemon(database, 'elsewhere', { pool: 'gpu' });
    for (let look = 0; look < 3; look++) {
      await sweep('lostTasks');
      await age(database, id, 60);
    }
    expect(await task(id)).toMatchObject({
      state: 'lost',
      attempt: 1,
      stateReason: expect.stringContaining('no daemon of pool "default"'),
    });
    await seedDaemon(database, 'dead');
    await sweep('lostTasks');
    expect(await task(id)).toMatchObject({ state: 'spawning', attempt: 2 });
  });

  it('are not pinned by a request for a daemon that is dead, and are by one for a daemon that lives', async () => {
    await seedDaemon(database, 'other');
    const pinned = await lostTask({ requestedDaemonId: 'dead' });
    const kept = await lostTask({ requestedDaemonId: 'other' });
    const released = await seedTask(database, 'running', 'other');
    await updateTask(database.manager, released, { requestedDaemonId: 'other' });
    const release = { report: 'released', daemonId: 'other', attempt: 1, mayWait: false } as const;
    await janitors[0]!.steps.take(released, () => ({
      input: { type: 'reported', formerHolderId: null, ...release },
    }));
    expect(await sweep('lostTasks')).toBe(3);
    expect(await task(pinned)).toMatchObject({ attempt: 2, requestedDaemonId: null });
    expect(await task(kept)).toMatchObject({ attempt: 2, requestedDaemonId: 'other' });
    expect(await task(released)).toMatchObject({ attempt: 2, requestedDaemonId: null });
  });

  /** Spawned, claimed by a daemon that dies with it, found lost. */
  async function loseAgain(id: string): Promise<void> {
    const { attempt } = await task(id);
    const daemonId = 'dead';
    await janitors[0]!.steps.take(id, () => ({
      input: { type: 'claimed', daemonId, attempt, daemonPool: 'default' },
    }));
    await age(database, id, 500);
    await sweep('deadDaemons');
  }

  it('are given up when every resume in a row was lost without a new checkpoint, and not before', async () => {
    const id = await lostTask();
    await seedDaemon(database, 'other');
    await sweep('lostTasks');
    for (let failed = 1; failed < MAX_RESUMES; failed++) {
      await loseAgain(id);
      await sweep('lostTasks');
      expect(await task(id)).toMatchObject({ state: 'lost', attempt: 1 + failed });
      await age(database, id, 600);
      await sweep('lostTasks');
      expect(await task(id)).toMatchObject({ state: 'spawning', attempt: 2 + failed });
    }
    await loseAgain(id);
    await age(database, id, 600);
    expect(await sweep('lostTasks')).toBe(1);
    expect(await sweep('lostTasks')).toBe(0);
    expect(await task(id)).toMatchObject({
      state: 'lost',
      stateReason: expect.stringContaining(`Given up after ${MAX_RESUMES}`),
    });
    expect((await said(id)).at(-1)).toBe('task-given-up');
  });

  it('are never given up while they make progress', async () => {
    const id = await lostTask();
    await seedDaemon(database, 'other');
    await sweep('lostTasks');
    for (let round = 1; round <= MAX_RESUMES + 2; round++) {
      const { attempt } = await task(id);
      await seedPatch(database, { taskId: id, number: round, attempt, ttlHours: 1 });
      await loseAgain(id);
      expect(await sweep('lostTasks')).toBe(1);
      expect(await task(id)).toMatchObject({ state: 'spawning', attempt: attempt + 1 });
    }
  });
});

describe('stuck spawns', () => {
  async function unclaimed(fields: Partial<Task> = {}): Promise<string> {
    const id = await seedTask(database, 'spawning', null);
    await updateTask(database.manager, id, fields as TaskChanges);
    await age(database, id, 61);
    return id;
  }

  it('that nobody claimed are sent again, each once, and later each time', async () => {
    await seedDaemon(database, 'd');
    const id = await unclaimed();
    expect(await sweep('stuckSpawns')).toBe(1);
    expect(await task(id)).toMatchObject({ state: 'spawning', attempt: 2 });
    expect(await said(id)).toEqual(['spawn-task', 'task-spawning']);
    const [order] = await database.manager.find(OutboxRow, { order: { id: 'ASC' } });
    expect(order).toMatchObject({ payload: { attempt: 2, resumeSession: false } });
    await age(database, id, 61);
    expect(await sweep('stuckSpawns')).toBe(0);
    await age(database, id, 60);
    expect(await sweep('stuckSpawns')).toBe(1);
  });

  it('wait while no daemon of the pool lives, or none has room', async () => {
    const id = await unclaimed();
    await seedDaemon(database, 'silent', { silentForSeconds: 500 });
    await seedDaemon(database, 'full', { maxTasks: 1, runs: [id] });
    await seedDaemon(database, 'elsewhere', { pool: 'gpu' });
    expect(await sweep('stuckSpawns')).toBe(0);
    expect(await task(id)).toMatchObject({ attempt: 1 });
  });

  it('wait for the requested daemon while it lives, and go to any of the pool when it is dead', async () => {
    await seedDaemon(database, 'd');
    await seedDaemon(database, 'busy', { maxTasks: 0 });
    await seedDaemon(database, 'gone', { silentForSeconds: 500 });
    const waits = await unclaimed({ requestedDaemonId: 'busy' });
    const freed = await unclaimed({ requestedDaemonId: 'gone' });
    expect(await sweep('stuckSpawns')).toBe(1);
    expect(await task(waits)).toMatchObject({ attempt: 1, requestedDaemonId: 'busy' });
    expect(await task(freed)).toMatchObject({ attempt: 2, requestedDaemonId: null });
  });

  it('that a living daemon claimed and does not know of are lost, but not while it is at them', async () => {
    const forgotten = await seedTask(database, 'spawning', 'd');
    const restoring = await seedTask(database, 'spawning', 'd');
    await age(database, forgotten, 301);
    await age(database, restoring, 3600);
    await seedDaemon(database, 'd', { runs: [restoring] });
    expect(await sweep('stuckSpawns')).toBe(1);
    expect(await task(forgotten)).toMatchObject({ state: 'lost', attempt: 1 });
    expect(await task(restoring)).toMatchObject({ state: 'spawning', attempt: 1 });
  });

  it('that ran when their daemon lost its disk and came back under its name are lost, but not at once', async () => {
    const gone = await seedTask(database, 'running', 'd');
    const kept = await seedTask(database, 'running', 'd');
    await age(database, gone, 600);
    await age(database, kept, 600);
    await seedDaemon(database, 'd', { runs: [kept], processSinceSeconds: 60 });
    expect(await sweep('stuckSpawns')).toBe(0);
    await seedDaemon(database, 'd', { runs: [kept], processSinceSeconds: 130 });
    expect(await sweep('stuckSpawns')).toBe(1);
    expect(await task(gone)).toMatchObject({ state: 'lost' });
    expect(await task(kept)).toMatchObject({ state: 'running' });
  });

  it('that began after their daemon did are left to it: their end may be on its way', async () => {
    const ended = await seedTask(database, 'running', 'd');
    await age(database, ended, 200);
    await seedDaemon(database, 'd', { processSinceSeconds: 500 });
    expect(await sweep('stuckSpawns')).toBe(0);
    expect(await task(ended)).toMatchObject({ state: 'running' });
  });
});
