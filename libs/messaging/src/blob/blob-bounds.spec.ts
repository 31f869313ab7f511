import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { subjects } from '#contracts';
import { useNats } from '#testing';
import { NatsClient } from '../connection/nats-client.js';
import { JetStreamPublisher } from '../publish/jetstream.publisher.js';
import { STREAMS } from '../topology/streams.js';
import { Topology } from '../topology/topology.js';
import { trimBlobs } from './blob-bounds.js';

const server = useNats();
let nats: NatsClient;
let publisher: JetStreamPublisher;

beforeAll(async () => {
  nats = new NatsClient({ url: server.url }, 'spec');
  const topology = new Topology(nats, 1);
  await topology.ensureStreams();
  publisher = new JetStreamPublisher(nats, topology);
});
afterAll(() => nats.close());

const put = async (daemonId: string, count: number): Promise<void> => {
  for (let index = 0; index < count; index++) {
    await publisher.publish(subjects.blobChunk(daemonId, 'a'.repeat(64), index), Buffer.alloc(1000));
  }
};

const indexesOf = async (daemonId: string): Promise<number[]> => {
  const manager = await nats.jetStreamManager();
  const { state } = await manager.streams.info(STREAMS.blobs.name, {
    subjects_filter: subjects.blobsOf(daemonId),
  });
  return Object.keys(state.subjects ?? {})
    .map((subject) => Number(subject.split('.').at(-1)))
    .sort((a, b) => a - b);
};

it('a daemon with very many chunks loses its oldest when the stream fills up; the others lose nothing', async () => {
  await put('good', 3);
  await put('bad', 30);
  const manager = await nats.jetStreamManager();
  expect(await trimBlobs(manager, { mostChunks: 10, fullFrom: 0.5 })).toBe(0); // there is room
  expect(await trimBlobs(manager, { mostChunks: 10, fullFrom: 0 })).toBe(20);
  expect(await indexesOf('bad')).toEqual([20, 21, 22, 23, 24, 25, 26, 27, 28, 29]);
  expect(await indexesOf('good')).toEqual([0, 1, 2]);
});
