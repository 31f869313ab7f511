import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { decode, PatchExpired } from '#contracts';
import { CheckpointPatch, Database, OutboxRow, TaskCheckpoint } from '#database';
import { OutboxTransaction } from '#outbox';
import { useDatabase } from '#testing';
import { seedPatch, seedTask } from '../../testing/seed.js';
import { ExpiredPatchesSweep } from './expired-patches.js';

const postgres = useDatabase();
let database: Database;
/** Nothing relays here: what is announced stays in the outbox, where it can be counted. */
let outbox: OutboxTransaction;

beforeAll(async () => {
  database = new Database({ databaseUrl: postgres.url, applicationName: 'spec', poolSize: 12 });
  await database.connected();
  outbox = new OutboxTransaction(database, { wake: () => {} });
});
afterAll(async () => {
  await database.onApplicationShutdown();
});

const sweep = (batchSize?: number) => new ExpiredPatchesSweep(3600, outbox, batchSize);
const never = new AbortController().signal;

async function patchesOf(taskId: string): Promise<string[]> {
  const patches = await database.manager.findBy(CheckpointPatch, { taskId });
  return patches.map(({ id }) => id).sort();
}

async function announced(taskId: string): Promise<PatchExpired[]> {
  const rows = await database.manager.find(OutboxRow, { order: { id: 'ASC' } });
  return rows
    .map(({ payload }) => decode(PatchExpired, Buffer.from(payload)))
    .filter((event) => event.taskId === taskId);
}

describe('ExpiredPatchesSweep', () => {
  it('deletes and announces expired patches, and leaves the rest; checkpoints stay', async () => {
    const taskId = await seedTask(database, 'completed');
    const over = await seedPatch(database, { taskId, number: 1, ttlHours: -1 });
    const fresh = await seedPatch(database, { taskId, number: 2, ttlHours: 1 });
    expect(await sweep().run(never)).toEqual({ swept: 1 });
    expect(await patchesOf(taskId)).toEqual([fresh]);
    expect(await announced(taskId)).toMatchObject([
      { patchId: over, checkpointNumber: 1, daemonId: 'maker', patchSizeBytes: expect.any(Number) },
    ]);
    const checkpoint = await database.manager.findOneBy(TaskCheckpoint, { taskId, number: 1 });
    expect(checkpoint).toMatchObject({ patchId: null });
    expect(await sweep().run(never)).toEqual({ swept: 0 });
  });

  it.each(['spawning', 'running', 'lost'] as const)(
    'keeps the newest patch of a task that is %s',
    async (state) => {
      const taskId = await seedTask(database, state);
      await seedPatch(database, { taskId, number: 1, ttlHours: -100 });
      const newest = await seedPatch(database, { taskId, number: 2, ttlHours: -100 });
      await seedPatch(database, { taskId, number: 3, ttlHours: -100, superseded: true });
      expect(await sweep().run(never)).toEqual({ swept: 2 });
      expect(await patchesOf(taskId)).toEqual([newest]);
    },
  );

  it('keeps a bundle as long as the diff of its checkpoint, and announces each that is deleted', async () => {
    const taskId = await seedTask(database, 'running');
    const [older, newer] = [uuidv7(), uuidv7()];
    const olderPatch = await seedPatch(database, { taskId, number: 1, ttlHours: -100, bundleId: older });
    const newerPatch = await seedPatch(database, { taskId, number: 2, ttlHours: -100, bundleId: newer });
    expect(await sweep().run(never)).toEqual({ swept: 2 });
    expect(await patchesOf(taskId)).toEqual([newer, newerPatch].sort());
    const gone = (await announced(taskId)).map(({ patchId }) => patchId).sort();
    expect(gone).toEqual([older, olderPatch].sort());
    const checkpoint = await database.manager.findOneBy(TaskCheckpoint, { taskId, number: 1 });
    expect(checkpoint).toMatchObject({ patchId: null, bundleId: null });
  });

  it.each(['completed', 'failed', 'stopped'] as const)(
    'deletes all expired patches of a task that is %s',
    async (state) => {
      const taskId = await seedTask(database, state);
      await seedPatch(database, { taskId, number: 1, ttlHours: -1 });
      expect(await sweep().run(never)).toEqual({ swept: 1 });
      expect(await patchesOf(taskId)).toEqual([]);
    },
  );

  it('announces a patch without a daemon', async () => {
    const taskId = await seedTask(database, 'stopped', null);
    const patchId = await seedPatch(database, { taskId, number: null, ttlHours: -1 });
    expect(await sweep().run(never)).toEqual({ swept: 1 });
    const [event] = await announced(taskId);
    expect(event).toMatchObject({ patchId });
    expect(event).not.toHaveProperty('daemonId');
    const row = await database.manager.findOneBy(OutboxRow, { messageId: event!.eventId });
    expect(row?.subject).toBe(`patchpoint.v1.event._.${taskId}.patch-expired`);
  });

  it('deletes each patch once with three janitors in small batches', async () => {
    const taskId = await seedTask(database, 'failed');
    for (let number = 1; number <= 60; number++) await seedPatch(database, { taskId, number, ttlHours: -1 });
    const results = await Promise.all([1, 2, 3].map(() => sweep(5).run(never)));
    const rest = await sweep(5).run(never);
    const swept = [...results, rest].reduce((sum, result) => sum + result.swept, 0);
    expect(swept).toBe(60);
    expect(await patchesOf(taskId)).toEqual([]);
    const events = await announced(taskId);
    expect(new Set(events.map(({ patchId }) => patchId)).size).toBe(60);
    expect(events).toHaveLength(60);
  });

  it('stops between two batches', async () => {
    const taskId = await seedTask(database, 'failed');
    for (let number = 1; number <= 4; number++) await seedPatch(database, { taskId, number, ttlHours: -1 });
    expect(await sweep(2).run(AbortSignal.abort())).toEqual({ swept: 0 });
    expect(await patchesOf(taskId)).toHaveLength(4);
    await sweep().run(never);
  });
});
