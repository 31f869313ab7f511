import { describe, expect, it } from '@jest/globals';
import { OutboxRow, updateTask, type Task, type TaskChanges } from '#database';
import { seedPatch, seedTask } from '../../testing/seed.js';
import { useWatch } from '../../testing/use-watch.js';
import { age, seedDaemon } from '../../testing/watch.js';

const watch = useWatch();
const { said, sweep, task } = watch;

describe('stuck spawns', () => {
  async function unclaimed(fields: Partial<Task> = {}): Promise<string> {
    const id = await seedTask(watch.database, 'spawning', null);
    await updateTask(watch.database.manager, id, fields as TaskChanges);
    await age(watch.database, id, 61);
    return id;
  }

  it('that nobody claimed are sent again, each once, and later each time', async () => {
    await seedDaemon(watch.database, 'd');
    const id = await unclaimed();
    expect(await sweep('stuckSpawns')).toBe(1);
    expect(await task(id)).toMatchObject({ state: 'spawning', attempt: 2 });
    expect(await said(id)).toEqual(['spawn-task', 'task-spawning']);
    const [order] = await watch.database.manager.find(OutboxRow, { order: { id: 'ASC' } });
    expect(JSON.parse(order!.payload)).toMatchObject({ attempt: 2, resumeSession: false });
    await age(watch.database, id, 61);
    expect(await sweep('stuckSpawns')).toBe(0);
    await age(watch.database, id, 60);
    expect(await sweep('stuckSpawns')).toBe(1);
  });

  it('of forks are sent again with the checkpoint that they begin with', async () => {
    await seedDaemon(watch.database, 'd');
    const id = await unclaimed();
    await watch.database.manager.query(
      'UPDATE tasks SET forked_from_task_id = $1, forked_from_checkpoint_number = 4 WHERE id = $1',
      [id],
    );
    await seedPatch(watch.database, { taskId: id, number: 1, ttlHours: 1, attempt: 0 });
    expect(await sweep('stuckSpawns')).toBe(1);
    const [order] = await watch.database.manager.find(OutboxRow, { order: { id: 'ASC' } });
    expect(JSON.parse(order!.payload)).toMatchObject({
      attempt: 2,
      resumeSession: true,
      checkpointNumber: 1,
      checkpointAttempt: 0,
    });
  });

  it('wait while no daemon of the pool lives, or none has room', async () => {
    const id = await unclaimed();
    await seedDaemon(watch.database, 'silent', { silentForSeconds: 500 });
    await seedDaemon(watch.database, 'full', { maxTasks: 1, runs: [id] });
    await seedDaemon(watch.database, 'elsewhere', { pool: 'gpu' });
    expect(await sweep('stuckSpawns')).toBe(0);
    expect(await task(id)).toMatchObject({ attempt: 1 });
  });

  it('wait for the requested daemon while it lives, and go to any of the pool when it is dead', async () => {
    await seedDaemon(watch.database, 'd');
    await seedDaemon(watch.database, 'busy', { maxTasks: 0 });
    await seedDaemon(watch.database, 'gone', { silentForSeconds: 500 });
    const waits = await unclaimed({ requestedDaemonId: 'busy' });
    const freed = await unclaimed({ requestedDaemonId: 'gone' });
    expect(await sweep('stuckSpawns')).toBe(1);
    expect(await task(waits)).toMatchObject({ attempt: 1, requestedDaemonId: 'busy' });
    expect(await task(freed)).toMatchObject({ attempt: 2, requestedDaemonId: null });
  });

  it('that a living daemon claimed and does not know of are lost, but not while it is at them', async () => {
    const forgotten = await seedTask(watch.database, 'spawning', 'd');
    const restoring = await seedTask(watch.database, 'spawning', 'd');
    await age(watch.database, forgotten, 301);
    await age(watch.database, restoring, 3600);
    await seedDaemon(watch.database, 'd', { runs: [restoring] });
    expect(await sweep('stuckSpawns')).toBe(1);
    expect(await task(forgotten)).toMatchObject({ state: 'lost', attempt: 1 });
    expect(await task(restoring)).toMatchObject({ state: 'spawning', attempt: 1 });
  });

  it('that ran when their daemon lost its disk and came back under its name are lost, but not at once', async () => {
    const gone = await seedTask(watch.database, 'running', 'd');
    const kept = await seedTask(watch.database, 'running', 'd');
    await age(watch.database, gone, 600);
    await age(watch.database, kept, 600);
    await seedDaemon(watch.database, 'd', { runs: [kept], processSinceSeconds: 60 });
    expect(await sweep('stuckSpawns')).toBe(0);
    await seedDaemon(watch.database, 'd', { runs: [kept], processSinceSeconds: 130 });
    expect(await sweep('stuckSpawns')).toBe(1);
    expect(await task(gone)).toMatchObject({ state: 'lost' });
    expect(await task(kept)).toMatchObject({ state: 'running' });
  });

  it('that began after their daemon did are left to it: their end may be on its way', async () => {
    const ended = await seedTask(watch.database, 'running', 'd');
    await age(watch.database, ended, 200);
    await seedDaemon(watch.database, 'd', { processSinceSeconds: 500 });
    expect(await sweep('stuckSpawns')).toBe(0);
    expect(await task(ended)).toMatchObject({ state: 'running' });
  });
});
