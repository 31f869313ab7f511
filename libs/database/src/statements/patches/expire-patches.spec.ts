import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { useDatabase } from '#testing';
import { Database } from '../../database.js';
import { expirePatches, type ExpiredPatch } from './expire-patches.js';
import { aTaskWith } from '../../../testing/task-with-checkpoints.js';
import { latestRestorablePatch } from './latest-restorable-patch.js';
import { findCheckpoint } from '../checkpoints/list-checkpoints.js';
import { listPatches } from './list-patches.js';

const server = useDatabase();
let database: Database;

beforeAll(async () => {
  database = new Database({ databaseUrl: server.url, applicationName: 'spec', poolSize: 6 });
  await database.connected();
});
afterAll(() => database.onApplicationShutdown());

async function latestNumber(taskId: string): Promise<number | null | undefined> {
  return (await latestRestorablePatch(database.manager, taskId)).patch?.checkpointNumber;
}

describe('expirePatches', () => {
  const sweep = (limit = 500) => database.transaction((manager) => expirePatches(manager, limit));

  it('takes what is due, and keeps the newest patch of a task that is not finished', async () => {
    await sweep();
    const finished = await aTaskWith(database, 'stopped', [{ number: 1, expiresInHours: -1 }]);
    const lost = await aTaskWith(database, 'lost', [
      { number: 1, expiresInHours: -3 },
      { number: 2, expiresInHours: -2 },
      { number: 3, superseded: true, expiresInHours: -1 },
    ]);
    await aTaskWith(database, 'completed', [{ number: 1, expiresInHours: 1 }]);

    const expired = await sweep();
    expect(new Set(expired.map((patch) => `${patch.taskId} ${patch.checkpointNumber}`))).toEqual(
      new Set([`${lost} 1`, `${lost} 3`, `${finished} 1`]),
    );
    expect(expired[0]).toMatchObject({
      daemonId: 'daemon-1',
      patchSizeBytes: expect.any(Number),
      expiredAt: expect.any(Date),
    });
    expect(await latestNumber(lost)).toBe(2);
    expect(await findCheckpoint(database.manager, finished, 1)).toMatchObject({ patchId: null });
    expect(await sweep()).toEqual([]);
  });

  it('treats the diff and the bundle of a checkpoint alike', async () => {
    await sweep();
    const both = { expiresInHours: -1, bundleExpiresInHours: -1 };
    const lost = await aTaskWith(database, 'lost', [
      { number: 1, ...both },
      { number: 2, ...both },
      { number: 3, superseded: true, ...both },
    ]);
    const bundled = await aTaskWith(database, 'running', [
      { number: 1, expiresInHours: -1 },
      { number: 2, bundleExpiresInHours: -1 },
    ]);
    const finished = await aTaskWith(database, 'stopped', [{ number: 1, ...both }]);
    const numbers = (expired: ExpiredPatch[], taskId: string) =>
      expired.filter((patch) => patch.taskId === taskId).map((patch) => patch.checkpointNumber);

    const expired = await sweep();
    expect(numbers(expired, lost).sort()).toEqual([1, 1, 3, 3]);
    expect(numbers(expired, bundled)).toEqual([1]);
    expect(numbers(expired, finished)).toEqual([1, 1]);
    expect((await listPatches(database.manager, lost)).map(({ format }) => format).sort()).toEqual([
      'git-bundle',
      'git-diff',
    ]);
    expect(await findCheckpoint(database.manager, finished, 1)).toMatchObject({
      patchId: null,
      bundleId: null,
    });
    expect(await sweep()).toEqual([]);
  });

  it('returns each patch once when several sweep at the same time', async () => {
    await sweep();
    const many = Array.from({ length: 60 }, (_, index) => ({ number: index + 1, expiresInHours: -1 }));
    await aTaskWith(database, 'completed', many);
    const sweepAll = async (): Promise<ExpiredPatch[]> => {
      const found = await sweep(10);
      return found.length === 0 ? [] : [...found, ...(await sweepAll())];
    };
    const swept = (await Promise.all([sweepAll(), sweepAll(), sweepAll()])).flat();
    expect(swept.map((patch) => patch.checkpointNumber).sort((a, b) => a! - b!)).toEqual(
      many.map(({ number }) => number),
    );
  });
});
