import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { encode, subjects, type CheckpointCreated, type CheckpointStored } from '#contracts';
import {
  Database,
  DeadLetter,
  findTask,
  insertTask,
  latestRestorablePatch,
  listCheckpoints,
  listPatches,
  readPatchSlice,
  updateTask,
  type TaskCheckpoint,
} from '#database';
import { BlobStore, JetStreamPublisher, NatsClient, STREAMS, Topology } from '#messaging';
import { eventually, useDatabase, useNats } from '#testing';
import { aBundle, aCheckpoint, bundleFields, startReplica } from './fixtures.js';

const postgres = useDatabase();
const server = useNats();
let database: Database;
let nats: NatsClient;
let publisher: JetStreamPublisher;
let blobs: BlobStore;
let replicas: INestApplication[];
const events: { subject: string; body: Record<string, unknown> }[] = [];

beforeAll(async () => {
  database = new Database({ databaseUrl: postgres.url, applicationName: 'spec', poolSize: 4 });
  await database.connected();
  nats = new NatsClient({ url: server.url }, 'spec');
  const topology = new Topology(nats, 1);
  await topology.ensureStreams();
  publisher = new JetStreamPublisher(nats, topology);
  blobs = new BlobStore(nats, publisher);
  const connection = await nats.connection();
  for (const subject of [subjects.event('*', '*', '*'), subjects.output('*', '*')]) {
    connection.subscribe(subject, {
      callback: (_error, message) => {
        events.push({ subject: message.subject, body: message.json() });
      },
    });
  }
  const servers = { databaseUrl: postgres.url, natsUrl: server.url };
  replicas = await Promise.all([1, 2, 3, 4].map(() => startReplica(servers)));
});
afterAll(async () => {
  await Promise.all((replicas ?? []).map((app) => app.close()));
  await nats.close();
  await database.onApplicationShutdown();
});

async function aRunningTask(attempt = 1): Promise<string> {
  const id = uuidv7();
  const task = { id, name: 'n', plan: 'p', runner: 'shell', repoUrl: 'new://a', pool: 'default' };
  await insertTask(database.manager, { ...task, state: 'running', attempt, daemonId: 'daemon-1' });
  return id;
}

function send(event: CheckpointCreated): Promise<unknown> {
  return publisher.publish(subjects.checkpointCreated(event.daemonId, event.taskId), encode(event));
}

function told<Body = Record<string, unknown>>(kind: string, eventId: string): Body[] {
  return events
    .filter(({ subject, body }) => subject.endsWith(kind) && body['checkpointEventId'] === eventId)
    .map(({ body }) => body as Body);
}

async function stored(taskId: string, count: number): Promise<TaskCheckpoint[]> {
  return eventually(async () => {
    const checkpoints = await listCheckpoints(database.manager, taskId, { limit: 1000 });
    expect(checkpoints).toHaveLength(count);
    return checkpoints.toReversed();
  });
}

describe('a checkpoint', () => {
  it('is stored with its patch, announced, and told to the task’s output', async () => {
    const taskId = await aRunningTask();
    const patch = gzipSync('diff --git a/a b/a\n');
    const event = aCheckpoint(
      { taskId, message: 'wip', omissions: [{ path: 'huge', reason: 'too large' }], omissionsCount: 5 },
      patch,
    );
    await send(event);

    const [announced] = await eventually(() => {
      const found = told<CheckpointStored>('checkpoint-stored', event.eventId);
      expect(found).toHaveLength(1);
      return found;
    });
    const [checkpoint] = await stored(taskId, 1);
    expect(checkpoint).toMatchObject({
      eventId: event.eventId,
      number: 1,
      attempt: 1,
      sequence: 1,
      treeSha: event.treeSha,
      omissions: event.omissions,
      omissionsCount: 5,
      superseded: false,
      capturedAt: new Date(event.capturedAt),
    });
    expect(announced).toMatchObject({
      eventId: checkpoint!.id,
      checkpointNumber: 1,
      hasPatch: true,
      patchId: checkpoint!.patchId,
      patchSha256: event.patchSha256,
      superseded: false,
      storedAt: checkpoint!.createdAt.toISOString(),
    });
    const { patch: restorable } = await latestRestorablePatch(database.manager, taskId);
    expect(restorable).toMatchObject({
      id: checkpoint!.patchId,
      sha256: event.patchSha256,
      patchSizeBytes: patch.length,
      filesCount: 2,
      baseCommitSha: event.patchBaseSha,
    });
    const lifeHours = (restorable!.expiresAt.getTime() - restorable!.createdAt.getTime()) / 3_600_000;
    expect(lifeHours).toBe(168);
    await eventually(() =>
      expect(events.filter(({ subject }) => subject === subjects.output('daemon-1', taskId))).toMatchObject([
        { body: { stream: 'system', text: '✓ Checkpoint #1: wip (2 files, +10 -4)\n' } },
      ]),
    );
  });

  it('with a large patch comes through the blob store, which is emptied', async () => {
    const taskId = await aRunningTask();
    const patch = gzipSync(randomBytes(1_300_000));
    const event = aCheckpoint({ taskId }, patch);
    await blobs.putBlob(event.daemonId, event.patchSha256!, patch);
    await send(event);
    await stored(taskId, 1);
    const [row] = await listPatches(database.manager, taskId);
    expect(row).toMatchObject({ sha256: event.patchSha256, patchSizeBytes: patch.length });

    await eventually(async () => expect(await chunksLeft()).toBe(0));
    await send(event); // the agent did not hear; the blob is gone
    await eventually(() => expect(told('checkpoint-stored', event.eventId)).toHaveLength(2));
  });

  it('that shares its bytes with another is asked for them again when that one took them along', async () => {
    const taskId = await aRunningTask();
    const patch = gzipSync(randomBytes(600_000));
    const [first, second] = [1, 2].map((sequence) => aCheckpoint({ taskId, sequence }, patch));
    const connection = await nats.connection();
    const asked: string[] = [];
    connection.subscribe(subjects.blobsMissing('daemon-1', taskId), {
      callback: (_error, message) => {
        asked.push(message.json<{ checkpointEventId: string }>().checkpointEventId);
        void blobs.putBlob('daemon-1', first!.patchSha256!, patch);
      },
    });
    await blobs.putBlob('daemon-1', first!.patchSha256!, patch);
    await send(first!);
    await stored(taskId, 1);
    await eventually(async () => expect(await chunksLeft()).toBe(0));
    await send(second!);
    await stored(taskId, 2);
    expect(new Set(asked)).toEqual(new Set([second!.eventId]));
  });

  it('waits for a blob that is not there yet', async () => {
    const taskId = await aRunningTask();
    const patch = gzipSync(randomBytes(600_000));
    const event = aCheckpoint({ taskId }, patch);
    await send(event);
    await eventually(async () => expect(await pending()).toBe(1));
    await blobs.putBlob(event.daemonId, event.patchSha256!, patch);
    await stored(taskId, 1);
  });

  it('whose patch was too large is recorded without one, and said so', async () => {
    const taskId = await aRunningTask();
    await send(aCheckpoint({ taskId, sequence: 1 }));
    await stored(taskId, 1);
    const event = aCheckpoint({ taskId, sequence: 2, patchAbsentReason: 'too-large' }, null);
    await send(event);
    await stored(taskId, 2);
    expect(await latestRestorablePatch(database.manager, taskId)).toMatchObject({
      patch: { checkpointNumber: 1 },
      newerWithoutPatch: { number: 2, patchAbsentReason: 'too-large' },
    });
    await eventually(() =>
      expect(told('checkpoint-stored', event.eventId)).toMatchObject([
        { hasPatch: false, patchAbsentReason: 'too-large' },
      ]),
    );
  });

  it('with a bundle is stored with both, and announced with both digests', async () => {
    const taskId = await aRunningTask();
    const bundle = aBundle();
    const event = aCheckpoint({ taskId, ...bundleFields(bundle) });
    await send(event);
    const [checkpoint] = await stored(taskId, 1);
    const { bundle: restorable, patch } = await latestRestorablePatch(database.manager, taskId);
    expect(restorable).toMatchObject({
      id: checkpoint!.bundleId,
      format: 'git-bundle',
      sha256: event.bundleSha256,
      patchSizeBytes: bundle.length,
      baseCommitSha: event.patchBaseSha,
      treeSha: event.treeSha,
      filesCount: 2,
      expiresAt: patch!.expiresAt,
    });
    expect(patch).toMatchObject({ id: checkpoint!.patchId, format: 'git-diff' });
    const whole = { offsetBytes: 0, lengthBytes: bundle.length };
    expect((await readPatchSlice(database.manager, restorable!.id, whole))!.data.equals(bundle)).toBe(true);
    await eventually(() =>
      expect(told('checkpoint-stored', event.eventId)).toMatchObject([
        {
          hasPatch: true,
          patchId: checkpoint!.patchId,
          patchSha256: event.patchSha256,
          bundleId: checkpoint!.bundleId,
          bundleSha256: event.bundleSha256,
          bundleSizeBytes: bundle.length,
        },
      ]),
    );
    await database.manager.query('DELETE FROM checkpoint_patches WHERE task_id = $1', [taskId]);
    await send(event);
    await eventually(() => expect(told('checkpoint-stored', event.eventId)).toHaveLength(2));
    const repeated = told('checkpoint-stored', event.eventId)[1]!;
    expect(repeated).toMatchObject({ hasPatch: true, bundleSha256: event.bundleSha256 });
    expect(repeated).not.toHaveProperty('bundleId');
  });

  it('with a bundle instead of a patch can be restored', async () => {
    const taskId = await aRunningTask();
    const fields = { ...bundleFields(aBundle()), patchAbsentReason: 'too-large' as const };
    const event = aCheckpoint({ taskId, ...fields }, null);
    await send(event);
    const [checkpoint] = await stored(taskId, 1);
    expect(checkpoint).toMatchObject({ patchId: null, patchAbsentReason: 'too-large' });
    expect(await latestRestorablePatch(database.manager, taskId)).toMatchObject({
      checkpoint: { number: 1 },
      patch: null,
      bundle: { id: checkpoint!.bundleId },
      newerWithoutPatch: null,
    });
    await eventually(() =>
      expect(told('checkpoint-stored', event.eventId)).toMatchObject([
        { hasPatch: true, patchAbsentReason: 'too-large' },
      ]),
    );
  });

  it.each([
    ['both', 400_000, 400_000],
    ['the patch', 400_000, 1000],
    ['the bundle', 1000, 400_000],
  ])('comes through the blob store, which is emptied, with %s', async (_, patchBytes, bundleBytes) => {
    const taskId = await aRunningTask();
    const [patch, bundle] = [gzipSync(randomBytes(patchBytes)), aBundle(bundleBytes)];
    const event = aCheckpoint({ taskId, ...bundleFields(bundle) }, patch);
    if (!event.patchData) await blobs.putBlob(event.daemonId, event.patchSha256!, patch);
    if (!event.bundleData) await blobs.putBlob(event.daemonId, event.bundleSha256!, bundle);
    await send(event);
    await stored(taskId, 1);
    const digests = (await listPatches(database.manager, taskId)).map(({ sha256 }) => sha256);
    expect(digests.sort()).toEqual([event.patchSha256, event.bundleSha256].sort());
    await eventually(async () => expect(await chunksLeft()).toBe(0));
    await send(event); // the agent did not hear; the blobs are gone
    await eventually(() => expect(told('checkpoint-stored', event.eventId)).toHaveLength(2));
  });

  it('does not wait for ever when many come with two blobs each', async () => {
    const taskId = await aRunningTask();
    const many = Array.from({ length: 40 }, (_, index) => {
      const [patch, bundle] = [gzipSync(randomBytes(300_000)), aBundle(300_000)];
      const event = aCheckpoint({ taskId, sequence: index + 1, ...bundleFields(bundle) }, patch);
      return { event, patch, bundle };
    });
    for (const { event, patch, bundle } of many) {
      await blobs.putBlob(event.daemonId, event.patchSha256!, patch);
      await blobs.putBlob(event.daemonId, event.bundleSha256!, bundle);
    }
    await Promise.all(many.map(({ event }) => send(event)));
    await stored(taskId, many.length);
    await eventually(async () => expect(await chunksLeft()).toBe(0));
  });

  it('of a clean worktree is what a resume restores, not the work that was discarded', async () => {
    const taskId = await aRunningTask();
    await send(aCheckpoint({ taskId, sequence: 1, ...bundleFields(aBundle()) }));
    await stored(taskId, 1);
    const change = { filesChanged: 0, linesAdded: 0, linesRemoved: 0, patchFilesCount: 0 };
    await send(aCheckpoint({ taskId, sequence: 2, treeSha: 'f'.repeat(40), ...change }, gzipSync('')));
    await stored(taskId, 2);
    expect(await latestRestorablePatch(database.manager, taskId)).toMatchObject({
      checkpoint: { number: 2 },
      patch: { treeSha: 'f'.repeat(40), uncompressedSizeBytes: 0, filesCount: 0 },
      bundle: null,
      newerWithoutPatch: null,
    });
  });

  it('of an older attempt is stored as superseded; a resume does not pick it', async () => {
    const taskId = await aRunningTask();
    await send(aCheckpoint({ taskId, sequence: 1 }));
    await stored(taskId, 1);
    await updateTask(database.manager, taskId, { attempt: 2, daemonId: 'daemon-2' });
    const late = aCheckpoint({ taskId, sequence: 2 });
    await send(late);
    const [, second] = await stored(taskId, 2);
    expect(second).toMatchObject({ number: 2, superseded: true });
    expect(await latestRestorablePatch(database.manager, taskId)).toMatchObject({
      patch: { checkpointNumber: 1 },
      newerWithoutPatch: null,
    });
    await eventually(() =>
      expect(told('checkpoint-stored', late.eventId)).toMatchObject([{ superseded: true }]),
    );
  });

  it('that could not be made is announced, and nothing is stored', async () => {
    const taskId = await aRunningTask();
    const fields = { taskId, kind: 'manual' as const, success: false, error: 'No changes to checkpoint' };
    const event = aCheckpoint({ ...fields, treeSha: undefined }, null);
    await send(event);
    await eventually(() =>
      expect(told('checkpoint-failed', event.eventId)).toMatchObject([
        { eventId: event.eventId, kind: 'manual', error: 'No changes to checkpoint' },
      ]),
    );
    await stored(taskId, 0);
  });
});

describe('the same event', () => {
  it('sent to all replicas at once is stored once, and announced each time', async () => {
    const taskId = await aRunningTask();
    const event = aCheckpoint({ taskId });
    await Promise.all(Array.from({ length: 12 }, () => send(event)));
    await eventually(() => expect(told('checkpoint-stored', event.eventId)).toHaveLength(12));
    await stored(taskId, 1);
    expect(new Set(told('checkpoint-stored', event.eventId).map((body) => body['eventId'])).size).toBe(1);
  });

  it('is confirmed with its digest even when the patch has gone', async () => {
    const taskId = await aRunningTask();
    const event = aCheckpoint({ taskId });
    await send(event);
    await stored(taskId, 1);
    await database.manager.query('DELETE FROM checkpoint_patches WHERE task_id = $1', [taskId]);
    await send(event);
    await eventually(() => expect(told('checkpoint-stored', event.eventId)).toHaveLength(2));
    expect(told('checkpoint-stored', event.eventId)[1]).toMatchObject({ patchSha256: event.patchSha256 });
  });

  it('with other content is refused as EVENT_CONFLICT; the stored one stays', async () => {
    const taskId = await aRunningTask();
    const event = aCheckpoint({ taskId });
    await send(event);
    await stored(taskId, 1);
    await send(aCheckpoint({ taskId, eventId: event.eventId, treeSha: 'f'.repeat(40) }));
    await eventually(() =>
      expect(told('checkpoint-rejected', event.eventId)).toMatchObject([{ code: 'EVENT_CONFLICT' }]),
    );
    expect((await stored(taskId, 1))[0]).toMatchObject({ treeSha: event.treeSha });
  });

  it('under two tasks at once belongs to one of them', async () => {
    const [first, second] = [await aRunningTask(), await aRunningTask()];
    const eventId = uuidv7();
    await Promise.all([first, second].map((taskId) => send(aCheckpoint({ taskId, eventId }))));
    await eventually(() => expect(told('checkpoint-rejected', eventId)).toHaveLength(1));
    const counts = await Promise.all(
      [first, second].map(async (id) => (await listCheckpoints(database.manager, id, { limit: 9 })).length),
    );
    expect(counts.sort()).toEqual([0, 1]);
  });
});

describe('many checkpoints of one task', () => {
  it('are numbered 1 to n by all replicas together', async () => {
    const taskId = await aRunningTask();
    const all = Array.from({ length: 300 }, (_, index) => aCheckpoint({ taskId, sequence: index + 1 }));
    await Promise.all(all.map(send));
    const checkpoints = await stored(taskId, all.length);
    expect(checkpoints.map(({ number }) => number)).toEqual(all.map((_, index) => index + 1));
    expect(await findTask(database.manager, taskId)).toMatchObject({ lastCheckpointNumber: all.length });
    await eventually(() => {
      const announced = events
        .filter(({ subject }) => subject === subjects.event('daemon-1', taskId, 'checkpoint-stored'))
        .map(({ body }) => body['checkpointNumber']);
      expect(announced).toEqual(checkpoints.map(({ number }) => number));
    });
  });
});

describe('poison', () => {
  it('becomes a dead letter and an event; the good ones around it flow', async () => {
    const taskId = await aRunningTask();
    const good = [1, 2, 3, 4].map((sequence) => aCheckpoint({ taskId, sequence }));
    const patch = gzipSync('text');
    const lone = { path: 'a\ud800', reason: 'a text that JSON can hold and Postgres cannot' };
    const poison: [CheckpointCreated, string][] = [
      [aCheckpoint({ taskId: uuidv7() }), 'TASK_NOT_FOUND'],
      [aCheckpoint({ taskId, attempt: 9 }), 'FIELD_INVALID'],
      [aCheckpoint({ taskId, daemonId: 'daemon-2' }), 'IDENTITY_MISMATCH'],
      [aCheckpoint({ taskId, patchSha256: '0'.repeat(64) }, patch), 'DIGEST_MISMATCH'],
      [{ ...aCheckpoint({ taskId }, patch), patchUncompressedSizeBytes: 9 }, 'SIZE_MISMATCH'],
      [aCheckpoint({ taskId }, Buffer.from('no gzip')), 'NOT_GZIP'],
      [aCheckpoint({ taskId, ...bundleFields(Buffer.from('no bundle')) }), 'PATCH_INVALID'],
      [{ ...aCheckpoint({ taskId, ...bundleFields(aBundle()) }), bundleSizeBytes: 9 }, 'SIZE_MISMATCH'],
      [{ ...aCheckpoint({ taskId }), patchData: null as unknown as undefined }, 'SIZE_MISMATCH'],
      [{ ...aCheckpoint({ taskId }), message: 'a\0b' }, 'BAD_TEXT'],
      [aCheckpoint({ taskId, omissions: [lone] }), 'FIELD_INVALID'],
      [{ ...aCheckpoint({ taskId }), patchFilesCount: 3_000_000_000 }, 'FIELD_INVALID'],
    ];
    await Promise.all([...good.slice(0, 2), ...poison.map(([event]) => event), ...good.slice(2)].map(send));

    for (const [event, code] of poison) {
      await eventually(() =>
        expect(told('checkpoint-rejected', event.eventId)).toMatchObject([
          { code, daemonId: event.daemonId },
        ]),
      );
      const letter = await database.manager.findOneOrFail(DeadLetter, {
        where: { eventId: event.eventId },
        select: { id: true, payload: true, code: true },
      });
      expect(letter).toEqual({
        id: told('checkpoint-rejected', event.eventId)[0]!['eventId'],
        payload: Buffer.from(encode(event)),
        code,
      });
    }
    expect((await stored(taskId, 4)).map(({ number }) => number)).toEqual([1, 2, 3, 4]);
    await eventually(async () => expect(await pending()).toBe(0));
  });

  it.each([
    ['no JSON', 'daemon-1', Buffer.from('{'), 'BAD_JSON'],
    ['a body that is not an object', 'daemon-1', Buffer.from('null'), 'BAD_JSON'],
    ['a NUL in a name', 'daemon-1', Buffer.from('{"a\\u0000":"\\u0000"}'), 'BAD_TEXT'],
    ['a subject whose daemon cannot exist', '_x', Buffer.from('{}'), 'FIELD_INVALID'],
    ['a subject whose daemon is too long', 'x'.repeat(100), Buffer.from('{}'), 'FIELD_INVALID'],
  ])('may be anything: %s', async (_, daemonId, payload, code) => {
    const subject = subjects.checkpointCreated(daemonId, `task-${uuidv7()}`);
    await publisher.publish(subject, payload);
    const letter = await eventually(() => database.manager.findOneByOrFail(DeadLetter, { subject }));
    expect(letter).toMatchObject({ code, taskId: null, eventId: null });
    await eventually(async () => expect(await pending()).toBe(0));
  });
});

describe('operation', () => {
  it('is ready, and counts', async () => {
    const url = await replicas[0]!.getUrl();
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect(await (await fetch(`${url}/readyz`)).json()).toMatchObject({
      details: { postgres: { status: 'up' }, nats: { status: 'up' } },
    });
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toMatch(/^patchpoint_checkpoints_total\{result="stored"\} \d+$/m);
    expect(metrics).toMatch(/^patchpoint_checkpoint_commit_rows_count \d+$/m);
    expect(metrics).toMatch(/^patchpoint_checkpoint_store_seconds_count \d+$/m);
  });
});

async function chunksLeft(): Promise<number> {
  const manager = await nats.jetStreamManager();
  return (await manager.streams.info(STREAMS.blobs.name)).state.messages;
}

/** Messages that the consumer still holds, delivered or not. */
async function pending(): Promise<number> {
  const manager = await nats.jetStreamManager();
  const { num_ack_pending, num_pending } = await manager.consumers.info('CHECKPOINTS', 'checkpoint-ingest');
  return num_ack_pending + num_pending;
}
