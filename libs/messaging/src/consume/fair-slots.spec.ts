import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { subjects } from '#contracts';
import { eventually, useNats } from '#testing';
import { NatsClient } from '../connection/nats-client.js';
import { JetStreamPublisher } from '../publish/jetstream.publisher.js';
import { CONSUMERS, type ConsumerDeclaration } from '../topology/consumers.js';
import { STREAMS } from '../topology/streams.js';
import { Topology } from '../topology/topology.js';
import { Consumption } from './consumption.js';
import type { MessageHandlers } from './handle-and-settle.js';
import { RetryLater } from './retry-later.js';
import { senderOf } from './sender-of.js';

const server = useNats();

describe('Consumption, where messages can be set aside', () => {
  let nats: NatsClient;
  let topology: Topology;
  let publisher: JetStreamPublisher;
  let declaration: ConsumerDeclaration;
  let consumption: Consumption | undefined;

  beforeAll(() => {
    Logger.overrideLogger(false);
    nats = new NatsClient({ url: server.url }, 'test');
    topology = new Topology(nats, 1);
    publisher = new JetStreamPublisher(nats, topology);
    declaration = topology.declarationOf(CONSUMERS.checkpointIngest);
  });
  beforeEach(() => topology.ensureStreams());
  afterEach(async () => {
    await consumption?.stop();
    await (await nats.jetStreamManager()).streams.delete(STREAMS.checkpoints.name);
  });
  afterAll(() => nats.close());

  function consume(handlers: Partial<MessageHandlers>): void {
    consumption = new Consumption(nats, topology, declaration, {
      handle: async () => {},
      deadLetter: async () => {},
      setAside: async () => 'kept',
      ...handlers,
    });
    consumption.start();
  }

  const publish = (sender: string, count: number) =>
    Promise.all(
      Array.from({ length: count }, () =>
        publisher.publish(subjects.checkpointCreated(sender, uuidv7()), Buffer.from('x'), {
          timeoutMilliseconds: 60_000,
        }),
      ),
    );

  const unsettled = async (): Promise<number> =>
    (await (await nats.jetStreamManager()).streams.info(STREAMS.checkpoints.name)).state.messages;

  it('handles a message of another sender while one keeps every place that it can get', async () => {
    const count = { bad: 0, good: 0, aside: 0 };
    let release!: () => void;
    const held = new Promise<void>((resolve) => (release = resolve));
    consume({
      handle: async ({ subject }) => {
        const sender = senderOf(subject) as 'bad' | 'good';
        count[sender]++;
        if (sender === 'bad') await held;
      },
      setAside: async ({ message }) => {
        expect(senderOf(message.subject)).toBe('bad');
        count.aside++;
        return 'kept';
      },
    });
    await publish('bad', 1000);
    await publish('good', 1);
    await eventually(() => expect(count.good).toBe(1));
    expect(count.bad).toBe(declaration.concurrency / 4);
    expect(count.aside).toBe(1000 - count.bad);
    release();
    await eventually(async () => expect(await unsettled()).toBe(0));
  });

  it('sets nothing aside while a sender’s messages are handled quickly', async () => {
    let handled = 0;
    consume({
      handle: async () => handled++,
      setAside: async () => {
        throw new Error('nothing was to be set aside');
      },
    });
    for (let round = 0; round < 20; round++) await publish('busy', 50); // more at once than its share
    await eventually(async () => expect(await unsettled()).toBe(0));
    expect(handled).toBe(1000);
  });

  it('takes what waits, and what is refused, out of the stream', async () => {
    const outcomes = ['kept', 'refused'] as const;
    const asked: string[] = [];
    consume({
      handle: async () => {
        throw new RetryLater(77, 'the bytes are not there');
      },
      setAside: async ({ reason, delayMilliseconds }) =>
        outcomes[asked.push(`${reason} ${delayMilliseconds}`) - 1]!,
    });
    await publish('waiting', 2);
    await eventually(async () => expect(await unsettled()).toBe(0));
    expect(asked).toEqual(['the bytes are not there 77', 'the bytes are not there 77']);
  });

  it('names all senders that cannot exist one', () => {
    expect(senderOf(subjects.checkpointCreated('d1', 't'))).toBe('d1');
    for (const subject of ['patchpoint.v1.checkpoint.created.d1', `a.${'x'.repeat(99)}`, '']) {
      expect(senderOf(subject)).toBe('_');
    }
    expect(senderOf(subjects.checkpointCreated('x'.repeat(65), 't'))).toBe('_');
  });
});
