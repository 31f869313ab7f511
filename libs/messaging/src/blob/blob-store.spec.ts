import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { CHUNK_SIZE_BYTES, MAX_PATCH_SIZE_BYTES, subjects } from '#contracts';
import { eventually, useNats } from '#testing';
import { NatsClient } from '../connection/nats-client.js';
import { JetStreamPublisher } from '../publish/jetstream.publisher.js';
import { STREAMS } from '../topology/streams.js';
import { Topology } from '../topology/topology.js';
import { BlobMissingError } from './blob-missing-error.js';
import { BlobStore, type BlobReference } from './blob-store.js';

const server = useNats();

describe('BlobStore', () => {
  const daemonId = 'd1';
  let nats: NatsClient;
  let publisher: JetStreamPublisher;
  let blobs: BlobStore;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    nats = new NatsClient({ url: server.url }, 'test');
    const topology = new Topology(nats, 1);
    publisher = new JetStreamPublisher(nats, topology);
    blobs = new BlobStore(nats, publisher);
    await topology.ensureStreams();
  });
  afterAll(() => nats.close());

  const digest = (data: Buffer) => createHash('sha256').update(data).digest('hex');

  async function put(data: Buffer): Promise<BlobReference> {
    const sha256 = digest(data);
    const chunkCount = await blobs.putBlob(daemonId, sha256, data);
    return { daemonId, sha256, chunkCount, sizeBytes: data.length };
  }

  const storedMessages = async () => {
    const { state } = await (await nats.jetStreamManager()).streams.info(STREAMS.blobs.name);
    return { messages: state.messages, lastSequence: state.last_seq };
  };

  it.each([1, CHUNK_SIZE_BYTES, CHUNK_SIZE_BYTES + 1, MAX_PATCH_SIZE_BYTES])(
    'keeps and returns %d bytes',
    async (sizeBytes) => {
      const data = randomBytes(sizeBytes);
      const blob = await put(data);
      expect(blob.chunkCount).toBe(Math.ceil(sizeBytes / CHUNK_SIZE_BYTES));
      expect((await blobs.getBlob(blob)).equals(data)).toBe(true);
    },
  );

  it('sends only what is missing', async () => {
    const data = randomBytes(CHUNK_SIZE_BYTES * 3);
    const first = await put(data);
    const before = await storedMessages();
    await put(data);
    expect(await storedMessages()).toEqual(before);

    const manager = await nats.jetStreamManager();
    const subject = subjects.blobChunk(daemonId, first.sha256, 1);
    await manager.streams.purge(STREAMS.blobs.name, { filter: subject });
    await expect(blobs.getBlob(first)).rejects.toMatchObject({ name: 'BlobMissingError', chunkIndex: 1 });
    await put(data);
    expect((await storedMessages()).lastSequence).toBe(before.lastSequence + 1);
    expect((await blobs.getBlob(first)).equals(data)).toBe(true);
  });

  it('goes on with an upload that a restart of the server interrupted', async () => {
    const data = randomBytes(MAX_PATCH_SIZE_BYTES);
    const before = (await storedMessages()).lastSequence;
    const uploading = eventually(() => put(data), { timeoutMs: 60_000 });
    await eventually(async () => expect((await storedMessages()).lastSequence).toBeGreaterThan(before + 2), {
      intervalMs: 1,
    });
    await server.kill();
    await server.restart();
    expect((await blobs.getBlob(await uploading)).equals(data)).toBe(true);
  });

  it('refuses chunks that are not what was announced', async () => {
    const data = randomBytes(CHUNK_SIZE_BYTES + 10);
    const blob = await put(data);
    const last = subjects.blobChunk(daemonId, blob.sha256, 1);
    await publisher.publish(last, randomBytes(10));
    await expect(blobs.getBlob(blob)).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    await publisher.publish(last, randomBytes(11));
    await expect(blobs.getBlob(blob)).rejects.toMatchObject({ code: 'SIZE_MISMATCH' });
    await publisher.publish(last, randomBytes(9));
    await expect(blobs.getBlob(blob)).rejects.toMatchObject({ code: 'SIZE_MISMATCH' });
  });

  it('refuses sizes that no patch can have before it reads anything', async () => {
    const blob = { daemonId, sha256: digest(Buffer.alloc(0)), chunkCount: 1, sizeBytes: 1 };
    await expect(blobs.getBlob({ ...blob, sizeBytes: MAX_PATCH_SIZE_BYTES + 1 })).rejects.toMatchObject({
      code: 'PATCH_TOO_LARGE',
    });
    await expect(blobs.getBlob({ ...blob, chunkCount: 1_000_000 })).rejects.toMatchObject({
      code: 'SIZE_MISMATCH',
    });
  });

  it('forgets a blob, and no other', async () => {
    const one = await put(randomBytes(10));
    const other = await put(randomBytes(10));
    await blobs.deleteBlob(daemonId, one.sha256);
    await blobs.deleteBlob(daemonId, one.sha256);
    await expect(blobs.getBlob(one)).rejects.toBeInstanceOf(BlobMissingError);
    await blobs.getBlob(other);
  });

  it('holds at most eight of the largest blobs in memory at once', async () => {
    const reading = jest.spyOn(blobs, 'getBlob').mockImplementation(async () => Buffer.alloc(0));
    const largest = { daemonId, sha256: '', chunkCount: 20, sizeBytes: MAX_PATCH_SIZE_BYTES };
    let held = 0;
    let most = 0;
    let fourAreHeld = (): void => {};
    const full = new Promise<void>((resolve) => (fourAreHeld = resolve));
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        blobs.useBlobs(`daemon-${index}`, [largest, largest], async () => {
          most = Math.max(most, ++held);
          if (held === 4) fourAreHeld();
          await full;
          await (await nats.connection()).flush();
          held--;
        }),
      ),
    );
    expect(most).toBe(4);
    reading.mockRestore();
  });
});
