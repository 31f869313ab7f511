import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { ContractError, encode, subjects } from '#contracts';
import { JetStreamPublisher, NatsClient, PullWhenFree, STREAMS, Topology } from '#messaging';
import { eventually, useNats } from '#testing';
import { aSpawn, OfflineAgent } from '../../testing/offline-agent.js';
import type { Claim } from './claim-again.js';

const server = useNats();

beforeAll(() => Logger.overrideLogger(false));

describe('an order to run a task', () => {
  let daemon: OfflineAgent;
  let nats: NatsClient;
  afterEach(async () => {
    await daemon.close();
    await nats.close();
  });

  /** A daemon whose orders come over NATS. */
  async function start(claim: Claim = async () => undefined): Promise<void> {
    nats = new NatsClient({ url: server.url }, 'spec');
    const topology = new Topology(nats, 1, { daemonId: 'daemon-1', pool: 'default' });
    await topology.ensureStreams();
    const pull = new PullWhenFree(nats, topology);
    daemon = await OfflineAgent.open({
      transport: { claim, spawns: { next: (key, options) => pull.pullOne(key, options) } },
    });
    await daemon.agent.start();
  }

  async function order(payload: Uint8Array): Promise<void> {
    const publisher = new JetStreamPublisher(nats, new Topology(nats, 1));
    await publisher.publish(subjects.daemonCommand('daemon-1', 'spawn-task'), payload);
  }

  const untilSettled = () =>
    eventually(async () => {
      const manager = await nats.jetStreamManager();
      expect((await manager.streams.info(STREAMS.commands.name)).state.messages).toBe(0);
    });
  const rejected = () =>
    readdirSync(join(daemon.stateDir, 'rejected')).filter((file) => file.endsWith('.order.json'));

  it.each([
    ['a field of the wrong type', { maxTurns: 'many', plan: 7 }, 'FIELD_INVALID'],
    ['an unknown version', { schemaVersion: 99 }, 'UNSUPPORTED_VERSION'],
  ])('that cannot be read ends with the reason: %s', async (_, change, code) => {
    await start();
    const spawn = aSpawn();
    await order(encode({ ...spawn, ...change }));
    const { taskId, reason } = await daemon.untilReported('failed');
    expect(taskId).toBe(spawn.taskId);
    expect(reason).toContain(code);
    await untilSettled();
    expect(rejected()).toEqual([]);
  });

  it('that cannot be carried out ends with the reason', async () => {
    await start();
    const spawn = aSpawn();
    daemon.agent.runs.start = async () => {
      throw new TypeError('the plan has no end');
    };
    await order(encode(spawn));
    const { taskId, reason } = await daemon.untilReported('failed');
    expect(taskId).toBe(spawn.taskId);
    expect(reason).toMatch(/^HANDLING_FAILED: .*TypeError: the plan has no end/);
    await untilSettled();
  });

  it.each([
    ['no JSON', Buffer.from('{"taskId":')],
    ['no task', encode({ schemaVersion: 1, attempt: 1 })],
    ['an attempt that cannot be', encode({ taskId: uuidv7(), attempt: Number.MAX_SAFE_INTEGER })],
    ['nesting of 100,000', Buffer.from('{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000))],
  ])('that names no attempt is kept aside, and settled: %s', async (_, payload) => {
    await start();
    await order(payload);
    await eventually(() => expect(rejected()).toHaveLength(1));
    await untilSettled();
    expect(daemon.reports).toEqual([]);
  });

  it('that is another daemon’s is not reported', async () => {
    await start(async () => {
      throw new ContractError('TASK_ALREADY_CLAIMED', 'It is claimed.');
    });
    await order(encode({ ...aSpawn(), plan: 7 }));
    await order(encode(aSpawn()));
    await untilSettled();
    expect(daemon.reports).toEqual([]);
    expect(rejected()).toHaveLength(1);
  });

  it('a damaged copy of one that runs does not end it', async () => {
    await start();
    const spawn = aSpawn();
    await order(encode(spawn));
    await daemon.untilReported('started');
    await order(encode({ ...spawn, plan: 7 }));
    await untilSettled();
    expect(rejected()).toHaveLength(1);
    expect(daemon.agent.runs.runningAttempt(spawn.taskId)).toBe(1);
    expect(daemon.reports.map(({ report }) => report)).toEqual(['started']);
  });
});
