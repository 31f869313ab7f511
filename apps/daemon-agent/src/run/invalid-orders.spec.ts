import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { ContractError, encode } from '#contracts';
import { ConsumedMessage, type Poison } from '#messaging';
import { aSpawn, OfflineAgent } from '../../testing/offline-agent.js';
import { CommandsConsumer } from '../nats/commands.consumer.js';

beforeAll(() => Logger.overrideLogger(false));

/** A message as a stream delivers it, for what never settles it. */
class Order extends ConsumedMessage {
  readonly subject = 'patchpoint.v1.command.daemon.daemon-1.any';
  readonly headers = {};
  readonly deliveryCount = 1;
  readonly storedAt = new Date();

  constructor(readonly data: Uint8Array) {
    super();
  }

  working(): void {}
  async acknowledge(): Promise<void> {}
  async retry(): Promise<void> {}
  async terminate(): Promise<void> {}
}

describe('an order that cannot be read', () => {
  let daemon: OfflineAgent;
  let consumer: CommandsConsumer;

  beforeEach(async () => {
    daemon = await OfflineAgent.open();
    consumer = new CommandsConsumer(daemon.agent);
    await daemon.agent.start();
  });
  afterEach(() => daemon.close());

  type Take = 'createCheckpoint' | 'stopTask' | 'cleanupWorktree' | 'undoWorktree';
  type GiveUp = 'giveUpCheckpoint' | 'giveUpStop' | 'giveUpCleanup' | 'giveUpUndo';

  /** Hands it in as the consumer of that kind of order gets it, and again as the dead letter it becomes. */
  async function deliver(take: Take, giveUp: GiveUp, body: object): Promise<void> {
    const message = new Order(encode(body));
    const error = await consumer[take](message).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ContractError);
    await consumer[giveUp]({ message, error, form: 'whole' } as Poison);
  }

  const kept = () =>
    readdirSync(join(daemon.stateDir, 'rejected')).filter((file) => file.endsWith('.order.json'));
  const answers = () => daemon.agent.spool.pending();

  it.each([
    ['createCheckpoint', 'giveUpCheckpoint', 'manual'],
    ['undoWorktree', 'giveUpUndo', 'undo'],
  ] as const)('is answered as one that failed: %s', async (take, giveUp, kind) => {
    const spawn = aSpawn();
    await daemon.run(spawn);
    const before = new Set(answers().map(({ eventId }) => eventId));
    await deliver(take, giveUp, { taskId: spawn.taskId, attempt: 1, schemaVersion: 99 });
    const answer = answers().find(({ eventId }) => !before.has(eventId));
    const { event } = (await daemon.agent.spool.read(answer!.eventId))!;
    expect(event).toMatchObject({ taskId: spawn.taskId, attempt: 1, kind, success: false });
    expect(event.error).toMatch(/^UNSUPPORTED_VERSION: The order to .* cannot be carried out: /);
    expect(daemon.said.join('')).toContain('UNSUPPORTED_VERSION: The order to');
    expect(kept()).toHaveLength(1);
  });

  it('to stop stops the attempt that it names, and the output says what was wrong', async () => {
    const spawn = aSpawn();
    await daemon.run(spawn);
    const order = { taskId: spawn.taskId, schemaVersion: 1, eventId: 7 };
    await deliver('stopTask', 'giveUpStop', { ...order, attempt: 2 });
    expect(daemon.agent.runs.runningAttempt(spawn.taskId)).toBe(1);
    await deliver('stopTask', 'giveUpStop', { ...order, attempt: 1 });
    expect(daemon.agent.runs.runningAttempt(spawn.taskId)).toBeUndefined();
    expect(daemon.said.join('')).toContain('The order to stop this task cannot be carried out');
  });

  it('to remove a worktree removes nothing, and the output says why', async () => {
    const spawn = aSpawn();
    await daemon.run(spawn);
    await deliver('cleanupWorktree', 'giveUpCleanup', { taskId: spawn.taskId, attempt: 1, force: 'yes' });
    expect(daemon.agent.registry.get(spawn.taskId)?.worktreeDir).toBeDefined();
    expect(daemon.said.join('')).toContain('The order to remove the worktree cannot be carried out');
    expect(kept()).toHaveLength(1);
  });

  it('and names no attempt is kept aside', async () => {
    await deliver('stopTask', 'giveUpStop', { attempt: 1 });
    expect(kept()).toHaveLength(1);
    expect(daemon.said).toEqual([]);
  });
});
