import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { subjects } from '#contracts';
import { startNatsServer, type NatsServer } from '#embedded';
import { afterEverything, eventually, freeze, temporaryFolder } from '#testing';
import { NatsClient } from '../connection/nats-client.js';
import { JetStreamPublisher } from '../publish/jetstream.publisher.js';
import { PublishError } from '../publish/publish-error.js';
import { CONSUMERS, type ConsumerDeclaration } from '../topology/consumers.js';
import { Topology } from '../topology/topology.js';
import { Consumption } from './consumption.js';

/** One server per test, on a port that stays the same: its store is damaged in between. */
describe('Consumption, while NATS fails', () => {
  let server: NatsServer;
  let nats: NatsClient;
  let topology: Topology;
  let publisher: JetStreamPublisher;
  let declaration: ConsumerDeclaration;
  let consumption: Consumption;
  let handled: Set<string>;

  beforeEach(async () => {
    Logger.overrideLogger(false);
    server = await startNatsServer({ dataDir: temporaryFolder() });
    nats = new NatsClient({ url: server.url }, 'test');
    topology = new Topology(nats, 1);
    publisher = new JetStreamPublisher(nats, topology);
    declaration = topology.declarationOf(CONSUMERS.checkpointIngest);
    handled = new Set();
    consumption = makeConsumption();
  });
  afterEach(async () => {
    await consumption.stop();
    await nats.close();
    await server.stop();
  });
  afterEverything(() => server.stop());

  const makeConsumption = () =>
    new Consumption(nats, topology, declaration, {
      handle: async ({ data }) => handled.add(Buffer.from(data).toString()),
      deadLetter: async () => {},
    });

  const restart = async () => {
    server = await startNatsServer({ dataDir: server.dataDir, port: server.port });
  };

  const publish = (text: string, timeoutMilliseconds?: number) =>
    publisher.publish(subjects.checkpointCreated('d1', uuidv7()), Buffer.from(text), {
      ...(timeoutMilliseconds !== undefined && { timeoutMilliseconds }),
    });

  /** As the agent does: sends again until it is acknowledged. */
  async function publishUntilAcknowledged(text: string): Promise<void> {
    for (;;) {
      try {
        await publish(text, 1_000);
        return;
      } catch (error) {
        if (!(error instanceof PublishError)) throw error;
      }
    }
  }

  const settled = async () => {
    const manager = await nats.jetStreamManager();
    const { state } = await manager.streams.info(declaration.stream);
    const consumer = await manager.consumers.info(declaration.stream, declaration.durableName);
    return { stored: state.messages, ackPending: consumer.num_ack_pending };
  };

  it('begins when NATS comes', async () => {
    await server.stop();
    consumption.start();
    expect(nats.isConnected()).toBe(false);
    await restart();
    await publishUntilAcknowledged('first');
    await eventually(() => expect(handled).toContain('first'));
  });

  it('stops although NATS never came', async () => {
    await server.stop();
    consumption.start();
    await consumption.stop();
    expect(nats.isConnected()).toBe(false);
  });

  it('handles everything although the server is killed again and again', async () => {
    consumption.start();
    const texts = Array.from({ length: 300 }, (_, index) => String(index));
    const publishing = (async () => {
      for (const text of texts) await publishUntilAcknowledged(text);
    })();
    for (const enough of [50, 100, 200]) {
      await eventually(() => expect(handled.size).toBeGreaterThan(enough), { timeoutMs: 30_000 });
      await server.kill();
      await restart();
    }
    await publishing;
    await eventually(() => expect(handled.size).toBe(texts.length), { timeoutMs: 30_000 });
    await eventually(async () => expect(await settled()).toEqual({ stored: 0, ackPending: 0 }), {
      timeoutMs: 60_000,
    });
  });

  it('goes on after the server hung', async () => {
    consumption.start();
    await publishUntilAcknowledged('before');
    await eventually(() => expect(handled).toContain('before'));
    await freeze(server.pid);
    await expect(publish('while it hangs', 500)).rejects.toMatchObject({ name: 'PublishError' });
    process.kill(server.pid, 'SIGCONT');
    await publishUntilAcknowledged('after');
    await eventually(() => expect(handled).toContain('after'), { timeoutMs: 60_000 });
  });

  it('goes on after the server lost its store', async () => {
    consumption.start();
    await publishUntilAcknowledged('before');
    await eventually(() => expect(handled).toContain('before'));
    await server.kill();
    await rm(join(server.dataDir, 'jetstream'), { recursive: true });
    await restart();
    await publishUntilAcknowledged('after');
    await eventually(() => expect(handled).toContain('after'));
  });

  describe('when the stream was rolled back behind its consumer', () => {
    let messages: string;
    let backup: string;

    beforeEach(async () => {
      messages = join(server.dataDir, 'jetstream', '$G', 'streams', declaration.stream, 'msgs');
      backup = join(temporaryFolder(), 'msgs');
      await topology.ensureStreams();
      await server.stop();
      await cp(messages, backup, { recursive: true });
      await restart();
    });

    async function handleThree(): Promise<void> {
      consumption.start();
      for (const text of ['1', '2', '3']) await publishUntilAcknowledged(text);
      await eventually(() => expect(handled.size).toBe(3));
      await eventually(async () => expect(await settled()).toEqual({ stored: 0, ackPending: 0 }));
    }

    async function rollBack(): Promise<void> {
      await server.stop();
      await rm(messages, { recursive: true });
      await cp(backup, messages, { recursive: true });
      await restart();
    }

    it('F9 makes the consumer anew', async () => {
      await handleThree();
      await rollBack();
      await publishUntilAcknowledged('takes number 1 again');
      await eventually(() => expect(handled).toContain('takes number 1 again'), { timeoutMs: 60_000 });
    });

    it('F9 notices it also when the numbers have caught up', async () => {
      await handleThree();
      await consumption.stop();
      await rollBack();
      for (const text of ['a', 'b', 'c', 'd', 'e']) await publishUntilAcknowledged(text);
      consumption = makeConsumption();
      consumption.start();
      await eventually(() => expect([...handled]).toEqual(expect.arrayContaining(['a', 'b', 'c', 'd', 'e'])));
    });
  });
});
