import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { useDatabase } from '#testing';
import { v7 as uuidv7 } from 'uuid';
import type { EncryptionKey } from '#runtime';
import { aCheckpoint, aPatch, aTask } from '../../../testing/fixtures.js';
import { Database } from '../../database.js';
import { EncryptionKeyError } from '../../sealing/key-ring.js';
import { copyConversation } from '../conversations/copy-conversation.js';
import { insertConversationParts } from '../conversations/insert-conversation-parts.js';
import { readConversationSlice } from '../conversations/read-conversation-slice.js';
import { insertCheckpoints } from '../checkpoints/insert-checkpoints.js';
import { copyPatch } from '../patches/copy-patch.js';
import { insertPatches } from '../patches/insert-patches.js';
import { readPatchSlice } from '../patches/read-patch-slice.js';
import { insertTask } from '../tasks/insert-task.js';

const server = useDatabase();
const open: Database[] = [];
afterEach(async () => {
  await open[0]?.manager.query('DELETE FROM tasks');
  await Promise.all(open.splice(0).map((database) => database.onApplicationShutdown()));
});

/** As a process that was given these keys. */
async function aProcess(...encryptionKeys: EncryptionKey[]): Promise<Database> {
  const options = { databaseUrl: server.url, applicationName: 'spec', poolSize: 2, encryptionKeys };
  const database = new Database(options);
  await database.connected();
  open.push(database);
  return database;
}

const aKey = (id: string): EncryptionKey => ({ id, key: randomBytes(32) });
const WORDS = 'what the agent wrote, and nobody else may read\n'.repeat(3);
const file = { path: 'session.jsonl', generation: 1 };

/** A task with a patch and a conversation. */
async function store({ manager }: Database): Promise<{ taskId: string; patchId: string }> {
  const task = aTask();
  await insertTask(manager, task);
  const patch = aPatch({ taskId: task.id, patchData: Buffer.from(WORDS) });
  await insertPatches(manager, [patch]);
  const part = { taskId: task.id, attempt: 1, ...file, startByte: 0, data: Buffer.from(WORDS) };
  await insertConversationParts(manager, [part]);
  return { taskId: task.id, patchId: patch.id };
}

async function read({ manager }: Database, { taskId, patchId }: { taskId: string; patchId: string }) {
  const range = { offsetBytes: 5, lengthBytes: 20 };
  const slice = await readPatchSlice(manager, patchId, range);
  const part = await readConversationSlice(manager, { taskId, attempt: 1, ...file }, range);
  return [slice?.data.toString() ?? null, part?.toString() ?? null];
}

const PART = WORDS.slice(5, 25);

describe('what is encrypted', () => {
  it('is read as it was, in slices, and is in no column of the database', async () => {
    const database = await aProcess(aKey('one'));
    const stored = await store(database);
    expect(await read(database, stored)).toEqual([PART, PART]);
    for (const table of ['checkpoint_patches', 'conversation_parts', 'task_keys']) {
      const [{ dump }] = await database.manager.query(
        `SELECT string_agg(encode(convert_to(t::text, 'UTF8'), 'escape'), '') AS dump FROM ${table} t`,
      );
      expect(dump).not.toHaveLength(0);
      expect(dump).not.toContain(Buffer.from('the agent wrote').toString('hex'));
    }
  });

  it('can be read and written by no process that lacks the key, which is told as an outage', async () => {
    const stored = await store(await aProcess(aKey('one')));
    for (const other of [await aProcess(), await aProcess(aKey('two')), await aProcess(aKey('one'))]) {
      await expect(read(other, stored)).rejects.toThrow(EncryptionKeyError);
    }
    const without = await aProcess();
    await expect(without.transaction((manager) => store({ manager } as Database))).rejects.toThrow(
      EncryptionKeyError,
    );
    await expect(without.checkReady()).rejects.toThrow('keys that this process lacks: one');
  });

  it('is gone when the key of its task is deleted, and that of other tasks is not', async () => {
    const database = await aProcess(aKey('one'));
    const [gone, other] = [await store(database), await store(database)];
    await database.manager.query('DELETE FROM task_keys WHERE task_id = $1', [gone.taskId]);
    expect(await read(database, gone)).toEqual([null, null]);
    expect(await read(database, other)).toEqual([PART, PART]);
    const copy = { id: uuidv7(), taskId: other.taskId, checkpointId: uuidv7() };
    expect(await copyPatch(database.manager, gone.patchId, copy)).toBe(false);
    // A key that is made for what comes later does not open what came before.
    await insertPatches(database.manager, [aPatch({ taskId: gone.taskId })]);
    expect(await read(database, gone)).toEqual([null, null]);
  });

  it('is still read after a rotation, as long as the former key is listed', async () => {
    const [former, next] = [aKey('former'), aKey('next')];
    const stored = await store(await aProcess(former));
    const rotated = await aProcess(next, former);
    expect(await read(rotated, stored)).toEqual([PART, PART]);
    const { taskId } = await store(rotated);
    const [{ keyId }] = await rotated.manager.query(
      'SELECT key_id AS "keyId" FROM task_keys WHERE task_id = $1',
      [taskId],
    );
    expect(keyId).toBe('next');
  });

  it('only opens as what it was sealed as: rows cannot be exchanged', async () => {
    const database = await aProcess(aKey('one'));
    const stored = await store(database);
    const other = aPatch({ taskId: stored.taskId, patchData: Buffer.from('x'.repeat(WORDS.length)) });
    await insertPatches(database.manager, [other]);
    await database.manager.query(
      `UPDATE checkpoint_patches a SET patch_data = b.patch_data, seal = b.seal
         FROM checkpoint_patches b WHERE a.id = $1 AND b.id = $2`,
      [stored.patchId, other.id],
    );
    expect((await read(database, stored))[0]).toBeNull();
  });

  it('is copied for a fork under the key of the fork, which outlives the first one', async () => {
    const database = await aProcess(aKey('one'));
    const { manager } = database;
    const origin = await store(database);
    const fork = aTask();
    await insertTask(manager, fork);
    const checkpoint = aCheckpoint({ taskId: fork.id });
    await insertCheckpoints(manager, [checkpoint]);
    const patchId = uuidv7();
    await copyPatch(manager, origin.patchId, { id: patchId, taskId: fork.id, checkpointId: checkpoint.id });
    const files = [{ ...file, lengthBytes: 30, sha256: 'a'.repeat(64) }];
    await copyConversation(manager, { ...origin, attempt: 1 }, files, { taskId: fork.id, attempt: 1 });
    await manager.query('DELETE FROM task_keys WHERE task_id = $1', [origin.taskId]);
    expect(await read(database, { taskId: fork.id, patchId })).toEqual([PART, PART]);
    const all = { offsetBytes: 0, lengthBytes: 1000 };
    const copied = await readConversationSlice(manager, { taskId: fork.id, attempt: 1, ...file }, all);
    expect(copied?.toString()).toBe(WORDS.slice(0, 30));
  });

  it('lies beside what was stored before there were keys, which is read as ever', async () => {
    const before = await store(await aProcess());
    expect(await read(await aProcess(aKey('one')), before)).toEqual([PART, PART]);
  });
});
