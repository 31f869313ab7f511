import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { subjects } from '#contracts';
import { eventually, freeze, useNats } from '#testing';
import { NatsClient } from '../connection/nats-client.js';
import { STREAMS } from '../topology/streams.js';
import { Topology } from '../topology/topology.js';
import { JetStreamPublisher } from './jetstream.publisher.js';
import { PublishError } from './publish-error.js';

const server = useNats();

describe('JetStreamPublisher', () => {
  const subject = subjects.checkpointCreated('d1', 't1');
  let nats: NatsClient;
  let publisher: JetStreamPublisher;

  beforeAll(() => {
    Logger.overrideLogger(false);
    nats = new NatsClient({ url: server.url }, 'test');
    publisher = new JetStreamPublisher(nats, new Topology(nats, 1));
  });
  afterAll(() => nats.close());

  async function refusal(publishing: Promise<unknown>): Promise<PublishError> {
    const error: unknown = await publishing.catch((error: unknown) => error);
    expect(error).toBeInstanceOf(PublishError);
    return error as PublishError;
  }

  it('makes the streams when they are missing, at first and later', async () => {
    expect(await publisher.publish(subject, Buffer.from('1'))).toMatchObject({
      stream: 'CHECKPOINTS',
      seq: 1,
    });
    const manager = await nats.jetStreamManager();
    await manager.streams.delete(STREAMS.checkpoints.name);
    expect(await publisher.publish(subject, Buffer.from('2'))).toMatchObject({ seq: 1 });
  });

  it('stores a message id once', async () => {
    const publish = () => publisher.publish(subject, Buffer.from('x'), { messageId: 'the-same' });
    expect(await publish()).toMatchObject({ duplicate: false });
    expect(await publish()).toMatchObject({ duplicate: true });
  });

  it('sends headers', async () => {
    const { seq } = await publisher.publish(subject, Buffer.from('x'), { headers: { 'X-Task': 't1' } });
    const manager = await nats.jetStreamManager();
    const stored = await manager.streams.getMessage(STREAMS.checkpoints.name, { seq });
    expect(stored?.header.get('X-Task')).toBe('t1');
  });

  it('says that the stream is full, at once', async () => {
    const manager = await nats.jetStreamManager();
    await manager.streams.update(STREAMS.checkpoints.name, { max_bytes: 1024 });
    const error = await refusal(publisher.publish(subject, Buffer.alloc(2048)));
    expect(error.isStreamFull()).toBe(true);
    expect(error.message).toContain(subject);
    await manager.streams.update(STREAMS.checkpoints.name, { max_bytes: STREAMS.checkpoints.max_bytes });
    await publisher.publish(subject, Buffer.alloc(2048));
  });

  it('says that a message is too large for the server', async () => {
    const error = await refusal(publisher.publish(subject, Buffer.alloc(1024 * 1024 + 1)));
    expect(error.isTooLarge()).toBe(true);
  });

  it('says that a message may have been stored when nothing was answered in time', async () => {
    await freeze(server.pid);
    try {
      const error = await refusal(publisher.publish(subject, Buffer.from('x'), { timeoutMilliseconds: 100 }));
      expect(error.isTimeout()).toBe(true);
      expect(error.isUnavailable()).toBe(false);
    } finally {
      process.kill(server.pid, 'SIGCONT');
    }
    await publisher.publish(subject, Buffer.from('x'));
  });

  it('buffers nothing while NATS is away, and goes on when it is back', async () => {
    await server.stop();
    await eventually(() => expect(nats.isConnected()).toBe(false));
    const error = await refusal(publisher.publish(subject, Buffer.from('x'), { timeoutMilliseconds: 100 }));
    expect(error.isUnavailable()).toBe(true);
    const waiting = publisher.publish(subject, Buffer.from('waits for the server'));
    await server.restart();
    await waiting;
  });
});
