import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { ContractError, subjects } from '#contracts';
import { eventually, useNats, useTcpProxy } from '#testing';
import { NatsClient } from '../connection/nats-client.js';
import { NotConnectedError } from '../connection/not-connected-error.js';
import { JetStreamPublisher } from '../publish/jetstream.publisher.js';
import { CONSUMERS, type ConsumerDeclaration } from '../topology/consumers.js';
import { STREAMS } from '../topology/streams.js';
import { Topology } from '../topology/topology.js';
import { Consumption } from './consumption.js';
import type { MessageHandlers } from './handle-and-settle.js';
import { RetryLater } from './retry-later.js';

const server = useNats();
const proxy = useTcpProxy(() => server.port);

describe('Consumption', () => {
  let nats: NatsClient;
  let topology: Topology;
  let publisher: JetStreamPublisher;
  let declaration: ConsumerDeclaration;
  let running: Consumption[] = [];

  beforeAll(() => {
    Logger.overrideLogger(false);
    nats = new NatsClient({ url: server.url }, 'test');
    topology = new Topology(nats, 1);
    publisher = new JetStreamPublisher(nats, topology);
    declaration = topology.declarationOf(CONSUMERS.checkpointIngest);
  });
  beforeEach(async () => {
    await topology.ensureStreams();
  });
  afterEach(async () => {
    await Promise.all(running.map((consumption) => consumption.stop()));
    running = [];
    const manager = await nats.jetStreamManager();
    await manager.streams.delete(STREAMS.checkpoints.name);
  });
  afterAll(() => nats.close());

  function consume(handlers: Partial<MessageHandlers>, client = nats): Consumption {
    const consumption = new Consumption(client, new Topology(client, 1), declaration, {
      handle: async () => {},
      deadLetter: async () => {
        throw new Error('nothing was to become a dead letter');
      },
      ...handlers,
    });
    running.push(consumption);
    consumption.start();
    return consumption;
  }

  async function publish(...texts: string[]): Promise<void> {
    await Promise.all(
      texts.map((text) =>
        publisher.publish(subjects.checkpointCreated('d1', uuidv7()), Buffer.from(text), {
          // Many at once; what is sent again after a timeout would be there twice.
          timeoutMilliseconds: 60_000,
        }),
      ),
    );
  }

  const numbered = (count: number) => Array.from({ length: count }, (_, index) => String(index));

  async function unsettled() {
    const manager = await nats.jetStreamManager();
    const { state } = await manager.streams.info(STREAMS.checkpoints.name);
    const consumer = await manager.consumers.info(STREAMS.checkpoints.name, declaration.durableName);
    return { stored: state.messages, ackPending: consumer.num_ack_pending };
  }

  /** How many pulls the server has of the consumer; none while there is no consumer. */
  async function waitingPulls(): Promise<number> {
    const manager = await nats.jetStreamManager();
    const consumer = await manager.consumers.info(STREAMS.checkpoints.name, declaration.durableName);
    return consumer.num_waiting;
  }

  it('handles every message once and leaves nothing', async () => {
    const seen: string[] = [];
    consume({ handle: async ({ data }) => seen.push(Buffer.from(data).toString()) });
    const all = numbered(500);
    await publish(...all);
    await eventually(async () => expect(await unsettled()).toEqual({ stored: 0, ackPending: 0 }));
    expect(seen.toSorted()).toEqual(all.toSorted());
  });

  it('runs as many handlers at once as declared, and no more', async () => {
    let runningNow = 0;
    let most = 0;
    let open!: () => void;
    const gate = new Promise<void>((resolve) => (open = resolve));
    consume({
      handle: async () => {
        most = Math.max(most, ++runningNow);
        await gate;
        runningNow--;
      },
    });
    await publish(...numbered(declaration.concurrency + 100));
    await eventually(() => expect(runningNow).toBe(declaration.concurrency));
    open();
    await eventually(async () => expect((await unsettled()).stored).toBe(0));
    expect(most).toBe(declaration.concurrency);
  });

  it('shares the work with another replica', async () => {
    const counts = [0, 0];
    consume({ handle: async () => counts[0]!++ });
    consume({ handle: async () => counts[1]!++ });
    await eventually(async () => {
      await publish(...numbered(100));
      expect(counts[0]).toBeGreaterThan(0);
      expect(counts[1]).toBeGreaterThan(0);
    });
    await eventually(async () => expect((await unsettled()).stored).toBe(0));
    expect((counts[0]! + counts[1]!) % 100).toBe(0);
  });

  it('buries poison, once its dead letter is kept, while the others flow', async () => {
    const handled: string[] = [];
    const deadLettered: string[] = [];
    let tries = 0;
    consume({
      handle: async ({ data }) => {
        const text = Buffer.from(data).toString();
        if (text === 'poison') throw new ContractError('BAD_JSON', 'no JSON');
        handled.push(text);
      },
      deadLetter: async ({ message, error }) => {
        if (++tries === 1) throw new NotConnectedError('nats://away', { isStopping: false });
        deadLettered.push(`${error.code} ${Buffer.from(message.data).toString()} ${message.deliveryCount}`);
      },
    });
    await publish('one', 'poison', 'two');
    await eventually(async () => expect(await unsettled()).toEqual({ stored: 0, ackPending: 0 }));
    expect(handled.toSorted()).toEqual(['one', 'two']);
    expect(deadLettered).toEqual(['BAD_JSON poison 2']);
  });

  it('delivers again what failed, for whatever reason but a ContractError', async () => {
    const deliveries: number[] = [];
    consume({
      handle: async ({ deliveryCount }) => {
        deliveries.push(deliveryCount);
        if (deliveryCount === 1) throw new NotConnectedError('nats://away', { isStopping: false });
        if (deliveryCount === 2) throw new RetryLater(1, 'not yet');
      },
    });
    await publish('message');
    await eventually(async () => expect(await unsettled()).toEqual({ stored: 0, ackPending: 0 }));
    expect(deliveries).toEqual([1, 2, 3]);
  });

  it('leaves nothing unsettled when it is stopped under load', async () => {
    let handled = 0;
    const handleSlowly = async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      handled++;
    };
    await publish(...numbered(5_000));
    const stopped = consume({ handle: handleSlowly });
    await eventually(() => expect(handled).toBeGreaterThan(200));
    await Promise.all([stopped.stop(), stopped.stop()]);
    expect(await unsettled()).toEqual({ stored: 5_000 - handled, ackPending: 0 });
    expect(handled).toBeLessThan(5_000);
    consume({ handle: handleSlowly });
    await eventually(async () => expect((await unsettled()).stored).toBe(0));
    expect(handled).toBe(5_000);
  });

  it('handles what was on its way to it when it was stopped', async () => {
    const far = new NatsClient({ url: proxy().inFrontOf(server.url) }, 'far');
    const handled: string[] = [];
    const stopped = consume({ handle: async ({ data }) => handled.push(Buffer.from(data).toString()) }, far);
    await eventually(async () => expect(await waitingPulls()).toBe(1));
    proxy().hold();
    await publish('on its way');
    await eventually(async () => expect(await unsettled()).toEqual({ stored: 1, ackPending: 1 }));
    expect(handled).toEqual([]);
    const stop = stopped.stop();
    proxy().heal();
    await stop;
    expect(handled).toEqual(['on its way']);
    expect(await unsettled()).toEqual({ stored: 0, ackPending: 0 });
    await far.close();
  });

  it('gives back what it cannot begin in time when it is stopped', async () => {
    let open!: () => void;
    const gate = new Promise<void>((resolve) => (open = resolve));
    let begun = 0;
    const hanging = consume({ handle: () => (begun++, gate) });
    const count = declaration.concurrency * 2;
    await publish(...numbered(count));
    await eventually(async () => expect((await unsettled()).ackPending).toBe(count));
    const stop = hanging.stop();
    const seen: number[] = [];
    consume({ handle: async ({ deliveryCount }) => seen.push(deliveryCount) });
    await eventually(() => expect(seen).toHaveLength(count - begun));
    open();
    await stop;
    await eventually(async () => expect(await unsettled()).toEqual({ stored: 0, ackPending: 0 }));
    expect(begun).toBe(declaration.concurrency);
    expect(seen).toEqual(Array.from({ length: count - begun }, () => 2));
  });

  it('goes on when its consumer is deleted', async () => {
    let handled = 0;
    consume({ handle: async () => handled++ });
    await publish('before');
    await eventually(() => expect(handled).toBe(1));
    const manager = await nats.jetStreamManager();
    await manager.consumers.delete(declaration.stream, declaration.durableName);
    await publish('after');
    await eventually(() => expect(handled).toBe(2));
  });

  it('goes on when its stream is deleted', async () => {
    let handled = 0;
    consume({ handle: async () => handled++ });
    await publish('before');
    await eventually(() => expect(handled).toBe(1));
    const manager = await nats.jetStreamManager();
    await manager.streams.delete(declaration.stream);
    await publish('after');
    await eventually(() => expect(handled).toBe(2), { timeoutMs: 60_000 });
  });
});
