import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ConversationPart, Database, deletePatchesOfTask, insertConversationParts } from '#database';
import { useDatabase } from '#testing';
import { seedPatch, seedTask } from '../../testing/seed.js';
import { ExpiredConversationsSweep } from './expired-conversations.js';

const postgres = useDatabase();
let database: Database;

beforeAll(async () => {
  database = new Database({ databaseUrl: postgres.url, applicationName: 'spec', poolSize: 2 });
  await database.connected();
});
afterAll(async () => {
  await database.onApplicationShutdown();
});

it('deletes the conversation of an attempt when no checkpoint of it can be restored, and no other', async () => {
  const taskId = await seedTask(database, 'running');
  await seedPatch(database, { taskId, number: 1, ttlHours: 1, attempt: 1 });
  await seedPatch(database, { taskId, number: 2, ttlHours: 1, attempt: 2 });
  const part = { taskId, path: 'a', generation: 1, data: Buffer.from('said') };
  await insertConversationParts(database.manager, [
    { ...part, attempt: 1, startByte: 0 },
    { ...part, attempt: 1, startByte: 4 },
    { ...part, attempt: 2, startByte: 0 },
  ]);
  const sweep = new ExpiredConversationsSweep(3600, database);
  const never = new AbortController().signal;
  const left = async (): Promise<number[]> => {
    const parts = await database.manager.findBy(ConversationPart, { taskId });
    return parts.map(({ attempt }) => attempt).sort();
  };

  expect(await sweep.run(never)).toEqual({ swept: 0 });
  await database.manager.query(
    `DELETE FROM checkpoint_patches WHERE id IN (SELECT patch_id FROM task_checkpoints WHERE task_id = $1 AND attempt = 1)`,
    [taskId],
  );
  expect(await sweep.run(never)).toEqual({ swept: 1 });
  expect(await left()).toEqual([2]);
  await deletePatchesOfTask(database.manager, taskId);
  expect(await sweep.run(never)).toEqual({ swept: 1 });
  expect(await left()).toEqual([]);
});
