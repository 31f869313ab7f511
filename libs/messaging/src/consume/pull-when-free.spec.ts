import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { subjects } from '#contracts';
import { eventually, useNats } from '#testing';
import { NatsClient } from '../connection/nats-client.js';
import { JetStreamPublisher } from '../publish/jetstream.publisher.js';
import { CONSUMERS } from '../topology/consumers.js';
import { STREAMS } from '../topology/streams.js';
import { Topology } from '../topology/topology.js';
import { handleAndSettle } from './handle-and-settle.js';
import { PullWhenFree } from './pull-when-free.js';

const server = useNats();

describe('PullWhenFree', () => {
  let nats: NatsClient;
  let topology: Topology;
  let publisher: JetStreamPublisher;
  let puller: PullWhenFree;
  let signal: AbortSignal;

  beforeAll(() => {
    Logger.overrideLogger(false);
    nats = new NatsClient({ url: server.url }, 'test');
    topology = new Topology(nats, 1, { daemonId: 'd1', pool: 'p1' });
    publisher = new JetStreamPublisher(nats, topology);
    puller = new PullWhenFree(nats, topology);
  });
  beforeEach(async () => {
    signal = new AbortController().signal;
    await topology.ensureStreams();
    await (await nats.jetStreamManager()).streams.purge(STREAMS.commands.name);
  });
  afterAll(() => nats.close());

  const spawn = (text: string) => publisher.publish(subjects.poolSpawnTask('p1'), Buffer.from(text));
  const pull = (options: { expiresMilliseconds?: number; signal?: AbortSignal } = {}) =>
    puller.pullOne(CONSUMERS.poolSpawnTask, { signal, expiresMilliseconds: 15_000, ...options });
  const stored = async () =>
    (await (await nats.jetStreamManager()).streams.info(STREAMS.commands.name)).state.messages;

  async function take(expiresMilliseconds?: number): Promise<string | undefined> {
    const message = await pull(expiresMilliseconds === undefined ? {} : { expiresMilliseconds });
    if (!message) return undefined;
    const settled = await handleAndSettle(message, { handle: async () => {}, deadLetter: async () => {} });
    expect(settled).toEqual({ as: 'acknowledged' });
    return Buffer.from(message.data).toString();
  }

  it('takes one message and leaves the others for whoever has room', async () => {
    await spawn('one');
    await spawn('two');
    expect(await take()).toBe('one');
    expect(await stored()).toBe(1);
    expect(await take()).toBe('two');
  });

  it('waits for a message', async () => {
    const waiting = take();
    await spawn('late');
    expect(await waiting).toBe('late');
  });

  it('gives each message to one of those who wait', async () => {
    const waiting = [take(), take(), take()];
    for (const text of ['one', 'two', 'three']) await spawn(text);
    expect((await Promise.all(waiting)).toSorted()).toEqual(['one', 'three', 'two']);
  });

  it('returns null when none comes in time', async () => {
    expect(await pull({ expiresMilliseconds: 1_000 })).toBeNull();
  });

  it('returns null when the wait is ended, and takes nothing with it', async () => {
    const ending = new AbortController();
    const order: string[] = [];
    const waiting = pull({ signal: ending.signal });
    void waiting.then(() => order.push('ended'));
    await eventually(async () => {
      const manager = await nats.jetStreamManager();
      const info = await manager.consumers.info(STREAMS.commands.name, 'pool-p1-spawn-task');
      expect(info.num_waiting).toBe(1);
    });
    ending.abort();
    // Long before it would have ended by itself.
    await pull({ expiresMilliseconds: 3_000 }).then(() => order.push('a shorter one expired'));
    expect(await waiting).toBeNull();
    expect(order).toEqual(['ended', 'a shorter one expired']);
    await spawn('for the next');
    expect(await take()).toBe('for the next');
  });

  it('makes its consumer anew when it was deleted', async () => {
    await spawn('before');
    expect(await take()).toBe('before');
    await (await nats.jetStreamManager()).consumers.delete(STREAMS.commands.name, 'pool-p1-spawn-task');
    await spawn('after');
    await eventually(async () => expect(await take(1_000)).toBe('after'), { timeoutMs: 60_000 });
  });

  it('returns null while NATS is away, and goes on when it is back', async () => {
    await server.kill();
    expect(await pull({ expiresMilliseconds: 1_000 })).toBeNull();
    await server.restart();
    await spawn('after');
    await eventually(async () => expect(await take(1_000)).toBe('after'), { timeoutMs: 60_000 });
  });
});
