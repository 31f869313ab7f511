import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { subjects } from '#contracts';
import { listPatches } from '#database';
import { eventually } from '#testing';
import { useIngest } from '../testing/use-ingest.js';
import { aBundle, aCheckpoint, bundleFields } from '../testing/fixtures.js';

const ingest = useIngest();

describe('a checkpoint', () => {
  it('with a large patch comes through the blob store, which is emptied', async () => {
    const taskId = await ingest.aRunningTask();
    const patch = gzipSync(randomBytes(1_300_000));
    const event = aCheckpoint({ taskId }, patch);
    await ingest.blobs.putBlob(event.daemonId, event.patchSha256!, patch);
    await ingest.send(event);
    await ingest.stored(taskId, 1);
    const [row] = await listPatches(ingest.database.manager, taskId);
    expect(row).toMatchObject({ sha256: event.patchSha256, patchSizeBytes: patch.length });

    await eventually(async () => expect(await ingest.chunksLeft()).toBe(0));
    await ingest.send(event); // the agent did not hear; the blob is gone
    await eventually(() => expect(ingest.told('checkpoint-stored', event.eventId)).toHaveLength(2));
  });

  it('that shares its bytes with another is asked for them again when that one took them along', async () => {
    const taskId = await ingest.aRunningTask();
    const patch = gzipSync(randomBytes(600_000));
    const [first, second] = [1, 2].map((sequence) => aCheckpoint({ taskId, sequence }, patch));
    const connection = await ingest.nats.connection();
    const asked: string[] = [];
    connection.subscribe(subjects.blobsMissing('daemon-1', taskId), {
      callback: (_error, message) => {
        asked.push(message.json<{ checkpointEventId: string }>().checkpointEventId);
        void ingest.blobs.putBlob('daemon-1', first!.patchSha256!, patch);
      },
    });
    await ingest.blobs.putBlob('daemon-1', first!.patchSha256!, patch);
    await ingest.send(first!);
    await ingest.stored(taskId, 1);
    await eventually(async () => expect(await ingest.chunksLeft()).toBe(0));
    await ingest.send(second!);
    await ingest.stored(taskId, 2);
    expect(new Set(asked)).toEqual(new Set([second!.eventId]));
  });

  it('waits aside for a blob that is not there yet, and holds no place of the consumer', async () => {
    const taskId = await ingest.aRunningTask();
    const patch = gzipSync(randomBytes(600_000));
    const event = aCheckpoint({ taskId }, patch);
    await ingest.send(event);
    await eventually(async () => expect(await ingest.parked('daemon-1')).toBe(1));
    await eventually(async () => expect(await ingest.pending()).toBe(0));
    await ingest.blobs.putBlob(event.daemonId, event.patchSha256!, patch);
    await ingest.stored(taskId, 1);
    await eventually(async () => expect(await ingest.parked('daemon-1')).toBe(0));
  });

  it('is rejected when its blob has not come for 24 hours', async () => {
    const taskId = await ingest.aRunningTask();
    const event = aCheckpoint({ taskId }, gzipSync(randomBytes(600_000)));
    await ingest.send(event);
    await eventually(async () => expect(await ingest.parked('daemon-1')).toBe(1));
    const sentAgo = (ago: string) =>
      ingest.database.manager.query(
        `UPDATE parked_messages SET sent_at = now() - $1::interval, due_at = now() RETURNING tries`,
        [ago],
      );
    const [[{ tries }]] = await sentAgo('23 hours 59 minutes');
    await eventually(async () => {
      const [row] = await ingest.database.manager.query('SELECT tries FROM parked_messages');
      expect(row.tries).toBeGreaterThan(tries);
    });
    expect(ingest.told('checkpoint-rejected', event.eventId)).toEqual([]);
    await sentAgo('24 hours');
    await eventually(() =>
      expect(ingest.told('checkpoint-rejected', event.eventId)).toMatchObject([
        { code: 'BLOB_MISSING', path: 'patchSha256' },
      ]),
    );
    await eventually(async () => expect(await ingest.parked('daemon-1')).toBe(0));
  });

  it.each([
    ['both', 400_000, 400_000],
    ['the patch', 400_000, 1000],
    ['the bundle', 1000, 400_000],
  ])('comes through the blob store, which is emptied, with %s', async (_, patchBytes, bundleBytes) => {
    const taskId = await ingest.aRunningTask();
    const [patch, bundle] = [gzipSync(randomBytes(patchBytes)), aBundle(bundleBytes)];
    const event = aCheckpoint({ taskId, ...bundleFields(bundle) }, patch);
    if (!event.patchData) await ingest.blobs.putBlob(event.daemonId, event.patchSha256!, patch);
    if (!event.bundleData) await ingest.blobs.putBlob(event.daemonId, event.bundleSha256!, bundle);
    await ingest.send(event);
    await ingest.stored(taskId, 1);
    const digests = (await listPatches(ingest.database.manager, taskId)).map(({ sha256 }) => sha256);
    expect(digests.sort()).toEqual([event.patchSha256, event.bundleSha256].sort());
    await eventually(async () => expect(await ingest.chunksLeft()).toBe(0));
    await ingest.send(event); // the agent did not hear; the blobs are gone
    await eventually(() => expect(ingest.told('checkpoint-stored', event.eventId)).toHaveLength(2));
  });

  it('does not wait for ever when many come with two blobs each', async () => {
    const taskId = await ingest.aRunningTask();
    const many = Array.from({ length: 40 }, (_, index) => {
      const [patch, bundle] = [gzipSync(randomBytes(300_000)), aBundle(300_000)];
      const event = aCheckpoint({ taskId, sequence: index + 1, ...bundleFields(bundle) }, patch);
      return { event, patch, bundle };
    });
    for (const { event, patch, bundle } of many) {
      await ingest.blobs.putBlob(event.daemonId, event.patchSha256!, patch);
      await ingest.blobs.putBlob(event.daemonId, event.bundleSha256!, bundle);
    }
    await Promise.all(many.map(({ event }) => ingest.send(event)));
    await ingest.stored(taskId, many.length);
    await eventually(async () => expect(await ingest.chunksLeft()).toBe(0));
  });
});
