import { describe, expect, it } from '@jest/globals';
import { OutboxRow, TaskAttempt, updateTask } from '#database';
import { seedPatch, seedTask } from '../../testing/seed.js';
import { useWatch } from '../../testing/use-watch.js';
import { age, MAX_RESUMES, seedDaemon } from '../../testing/watch.js';

const watch = useWatch();
const { lostTask, said, sweep, task } = watch;

describe('lost tasks', () => {
  it('go on elsewhere at once, from their newest checkpoint, each once', async () => {
    const id = await lostTask();
    await seedPatch(watch.database, { taskId: id, number: 1, ttlHours: 1 });
    await seedDaemon(watch.database, 'other');
    expect(await sweep('lostTasks')).toBe(1);
    expect(await task(id)).toMatchObject({ state: 'spawning', attempt: 2, daemonId: null, resumeAt: null });
    expect(await said(id)).toEqual(['task-lost', 'stop-task', 'spawn-task', 'task-spawning']);
    const rows = await watch.database.manager.find(OutboxRow, { order: { id: 'ASC' } });
    expect(rows[2]!.subject).toContain('pool.default.spawn-task');
    expect(JSON.parse(rows[2]!.payload)).toMatchObject({
      attempt: 2,
      checkpointNumber: 1,
      resumeSession: true,
    });
    const attempts = await watch.database.manager.find(TaskAttempt, { order: { attempt: 'ASC' } });
    expect(attempts).toMatchObject([
      { attempt: 1, cause: 'request', daemonId: 'dead', outcome: 'lost' },
      { attempt: 2, cause: 'resume', daemonId: null, outcome: null },
    ]);
  });

  it('stay lost when that is switched off for them', async () => {
    const id = await lostTask({ autoResume: false });
    await seedDaemon(watch.database, 'other');
    expect(await sweep('lostTasks')).toBe(0);
    expect(await task(id)).toMatchObject({ state: 'lost', attempt: 1 });
  });

  it('wait for a living daemon of their pool, without spending attempts', async () => {
    const id = await lostTask();
    await seedDaemon(watch.database, 'elsewhere', { pool: 'gpu' });
    for (let look = 0; look < 3; look++) {
      await sweep('lostTasks');
      await age(watch.database, id, 60);
    }
    expect(await task(id)).toMatchObject({
      state: 'lost',
      attempt: 1,
      stateReason: expect.stringContaining('no daemon of pool "default"'),
    });
    await seedDaemon(watch.database, 'dead');
    await sweep('lostTasks');
    expect(await task(id)).toMatchObject({ state: 'spawning', attempt: 2 });
  });

  it('are not pinned by a request for a daemon that is dead, and are by one for a daemon that lives', async () => {
    await seedDaemon(watch.database, 'other');
    const pinned = await lostTask({ requestedDaemonId: 'dead' });
    const kept = await lostTask({ requestedDaemonId: 'other' });
    const released = await seedTask(watch.database, 'running', 'other');
    await updateTask(watch.database.manager, released, { requestedDaemonId: 'other' });
    const release = { report: 'released', daemonId: 'other', attempt: 1, mayWait: false } as const;
    await watch.steps.take(released, () => ({
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
    await watch.steps.take(id, () => ({
      input: { type: 'claimed', daemonId, attempt, daemonPool: 'default' },
    }));
    await age(watch.database, id, 500);
    await sweep('deadDaemons');
  }

  it('are given up when every resume in a row was lost without a new checkpoint, and not before', async () => {
    const id = await lostTask();
    await seedDaemon(watch.database, 'other');
    await sweep('lostTasks');
    for (let failed = 1; failed < MAX_RESUMES; failed++) {
      await loseAgain(id);
      await sweep('lostTasks');
      expect(await task(id)).toMatchObject({ state: 'lost', attempt: 1 + failed });
      await age(watch.database, id, 600);
      await sweep('lostTasks');
      expect(await task(id)).toMatchObject({ state: 'spawning', attempt: 2 + failed });
    }
    await loseAgain(id);
    await age(watch.database, id, 600);
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
    await seedDaemon(watch.database, 'other');
    await sweep('lostTasks');
    for (let round = 1; round <= MAX_RESUMES + 2; round++) {
      const { attempt } = await task(id);
      await seedPatch(watch.database, { taskId: id, number: round, attempt, ttlHours: 1 });
      await loseAgain(id);
      expect(await sweep('lostTasks')).toBe(1);
      expect(await task(id)).toMatchObject({ state: 'spawning', attempt: attempt + 1 });
    }
  });
});
