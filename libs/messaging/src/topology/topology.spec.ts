import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { RetentionPolicy } from '@nats-io/jetstream';
import { useNats } from '#testing';
import { NatsClient } from '../connection/nats-client.js';
import { CONSUMERS, type ConsumerKey } from './consumers.js';
import { ensureStream } from './ensure-topology.js';
import { STREAMS } from './streams.js';
import { Topology } from './topology.js';

const server = useNats();

describe('Topology', () => {
  const daemon = { daemonId: 'd1', pool: 'p1' };
  const allKeys: ConsumerKey[] = Object.values(CONSUMERS);
  let nats: NatsClient;
  let warn: ReturnType<typeof jest.spyOn>;

  beforeAll(() => {
    Logger.overrideLogger(false);
    nats = new NatsClient({ url: server.url }, 'test');
    warn = jest.spyOn(Logger.prototype, 'warn');
  });
  afterEach(async () => {
    warn.mockClear();
    const manager = await nats.jetStreamManager();
    for (const { name } of Object.values(STREAMS)) await manager.streams.delete(name).catch(() => {});
  });
  afterAll(() => nats.close());

  const topology = () => new Topology(nats, 1, daemon);
  const topologyOfService = () => new Topology(nats, 1);

  it('makes everything as declared, so that a second run changes nothing', async () => {
    await topology().ensureStreams();
    for (const key of allKeys) {
      const one = topology();
      await one.consumer(one.declarationOf(key));
    }
    const log = jest.spyOn(Logger.prototype, 'log').mockClear();
    const again = topology();
    await again.ensureStreams();
    for (const key of allKeys) await again.consumer(again.declarationOf(key));
    expect(log).not.toHaveBeenCalled();
    expect(warn).not.toHaveBeenCalled();
  });

  it('is safe in several processes at once', async () => {
    const clients = Array.from({ length: 4 }, () => new NatsClient({ url: server.url }, 'test'));
    try {
      await Promise.all(
        clients.map(async (client) => {
          const own = new Topology(client, 1, daemon);
          await own.ensureStreams();
          await Promise.all(allKeys.map((key) => own.consumer(own.declarationOf(key))));
        }),
      );
    } finally {
      await Promise.all(clients.map((client) => client.close()));
    }
    const manager = await nats.jetStreamManager();
    expect(await manager.consumers.list(STREAMS.commands.name).next()).toHaveLength(6);
    expect(warn).not.toHaveBeenCalled();
  });

  it('brings a stream and a consumer up to date', async () => {
    const manager = await nats.jetStreamManager();
    const { name, subjects, retention } = STREAMS.tasks;
    await manager.streams.add({ name, subjects: [...subjects], retention, max_bytes: 1024 });
    const own = topologyOfService();
    const declaration = own.declarationOf(CONSUMERS.taskReports);
    await own.consumer({ ...declaration, maxAckPending: 1 });
    await own.ensureStreams();
    await own.consumer(declaration);
    expect((await manager.streams.info(name)).config.max_bytes).toBe(STREAMS.tasks.max_bytes);
    const { config } = await manager.consumers.info(name, declaration.durableName);
    expect(config.max_ack_pending).toBe(declaration.maxAckPending);
  });

  it('makes what is missing for a daemon, and changes nothing that is there', async () => {
    const manager = await nats.jetStreamManager();
    const { name, subjects, retention } = STREAMS.tasks;
    await manager.streams.add({ name, subjects: [...subjects], retention, max_bytes: 1024 });
    await topology().ensureStreams();
    expect((await manager.streams.info(name)).config.max_bytes).toBe(1024);
    expect(await manager.streams.info(STREAMS.output.name)).toBeDefined();
  });

  it('goes on with what cannot be changed, and says so once with the next step', async () => {
    const manager = await nats.jetStreamManager();
    const { name, subjects } = STREAMS.tasks;
    await manager.streams.add({ name, subjects: [...subjects], retention: RetentionPolicy.Limits });
    const own = topologyOfService();
    await own.ensureStreams();
    await own.ensureStreams();
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn).toHaveBeenCalledWith(expect.stringMatching(/Stream TASKS .* retention.*nats stream rm/));
    expect(await manager.streams.info(STREAMS.output.name)).toBeDefined();
  });

  it('makes a stream smaller when the server has less storage', async () => {
    const manager = await nats.jetStreamManager();
    const outcome = await ensureStream(manager, { ...STREAMS.output, max_bytes: 2 ** 52, num_replicas: 1 });
    const { config } = await manager.streams.info(STREAMS.output.name);
    expect(config.max_bytes).toBeLessThan(2 ** 52);
    expect(outcome).toEqual({ kind: 'created-smaller', maxBytes: config.max_bytes });
  });

  it('refuses a consumer of a daemon in a process that is none', () => {
    expect(() => new Topology(nats, 1).declarationOf(CONSUMERS.daemonStopTask)).toThrow(/MessagingModule/);
  });
});
