import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { encode, subjects } from '#contracts';
import {
  Database,
  findDeadLetter,
  insertDeadLetter,
  insertOutbox,
  insertTask,
  lockTask,
  type OutboxMessage,
} from '#database';
import { JetStreamPublisher, NatsClient, Topology } from '#messaging';
import { eventually, useDatabase, useNats } from '#testing';
import { v7 as uuidv7 } from 'uuid';
import { OutboxRelay } from './outbox-relay.js';
import { ReplayDeadLetter } from './replay-dead-letter.js';

const postgres = useDatabase();
const server = useNats();
let database: Database;
let nats: NatsClient;
let topology: Topology;
let relays: OutboxRelay[] = [];

beforeAll(async () => {
  database = new Database({ databaseUrl: postgres.url, applicationName: 'spec', poolSize: 12 });
  await database.connected();
  nats = new NatsClient({ url: server.url }, 'spec');
  topology = new Topology(nats, 1);
});
beforeEach(async () => {
  await topology.ensureStreams();
  await (await nats.jetStreamManager()).streams.purge('EVENTS');
});
afterEach(async () => {
  await Promise.all(relays.map((relay) => relay.stop()));
  relays = [];
});
afterAll(async () => {
  await nats.close();
  await database.onApplicationShutdown();
});

function startRelay(): OutboxRelay {
  const relay = new OutboxRelay(database, nats, new JetStreamPublisher(nats, topology));
  relay.onApplicationBootstrap();
  relays.push(relay);
  return relay;
}

const message = (taskId: string, n: number): OutboxMessage => ({
  taskId,
  subject: subjects.event('daemon-1', taskId, 'checkpoint-stored'),
  messageId: `${taskId}-${n}`,
  payload: { n },
});

async function write(...messages: OutboxMessage[]): Promise<void> {
  await insertOutbox(database.manager, messages);
}

/** What is in the stream, in its order, as [taskId, n]. */
async function published(): Promise<[string, number][]> {
  const manager = await nats.jetStreamManager();
  const { state } = await manager.streams.info('EVENTS');
  const found: [string, number][] = [];
  for (let sequence = state.first_seq; sequence <= state.last_seq; sequence++) {
    const stored = await manager.streams.getMessage('EVENTS', { seq: sequence });
    if (stored) found.push([stored.subject.split('.')[4]!, stored.json<{ n: number }>().n]);
  }
  return found;
}

async function databaseTime(): Promise<Date> {
  const [{ now }] = await database.manager.query('SELECT now()::timestamptz(3) AS now');
  return now;
}

async function rowsLeft(): Promise<number> {
  const [{ count }] = await database.manager.query('SELECT count(*)::int AS count FROM outbox');
  return count;
}

describe('OutboxRelay', () => {
  const taskId = uuidv7();

  it('publishes what was committed, with its message id, and deletes it', async () => {
    const relay = startRelay();
    await write({ ...message(taskId, 1), headers: { Kind: 'test' } });
    relay.wake();
    await eventually(async () => expect(await published()).toEqual([[taskId, 1]]));
    await eventually(async () => expect(await rowsLeft()).toBe(0));
    const manager = await nats.jetStreamManager();
    const stored = await manager.streams.getMessage('EVENTS', {
      last_by_subj: message(taskId, 1).subject,
    });
    expect(stored!.header.get('Nats-Msg-Id')).toBe(`${taskId}-1`);
    expect(stored!.header.get('Kind')).toBe('test');
    expect(Buffer.from(stored!.data)).toEqual(Buffer.from(encode({ n: 1 })));
  });

  it('describes an event in CloudEvents headers, by the time of its transaction', async () => {
    startRelay();
    const before = await databaseTime();
    await write(message(taskId, 7));
    await eventually(async () => expect(await rowsLeft()).toBe(0));
    const manager = await nats.jetStreamManager();
    const { header } = (await manager.streams.getMessage('EVENTS', {
      last_by_subj: message(taskId, 7).subject,
    }))!;
    expect(header.get('ce-id')).toBe(`${taskId}-7`);
    expect(header.get('ce-type')).toBe('patchpoint.v1.checkpoint-stored');
    expect(header.get('ce-source')).toBe('/patchpoint/daemons/daemon-1');
    expect(header.get('ce-subject')).toBe(taskId);
    const time = new Date(header.get('ce-time'));
    expect(time.getTime()).toBeGreaterThanOrEqual(before.getTime());
    expect(time.getTime()).toBeLessThanOrEqual((await databaseTime()).getTime());
  });

  it('finds what another process wrote, by polling', async () => {
    startRelay();
    await write(message(taskId, 2));
    await eventually(async () => expect(await rowsLeft()).toBe(0));
  });

  it('keeps the order of each task, with many writers and many relays', async () => {
    const tasks = Array.from({ length: 5 }, () => uuidv7());
    for (const id of tasks) {
      await insertTask(database.manager, {
        id,
        name: 'n',
        plan: 'p',
        runner: 'shell',
        repoUrl: 'new://a',
        pool: 'default',
      });
    }
    const all = [startRelay(), startRelay(), startRelay(), startRelay()];
    const counters = new Map<string, number>();
    const writeNext = (id: string) =>
      database.transaction(async (manager) => {
        await lockTask(manager, id);
        const n = (counters.get(id) ?? 0) + 1;
        counters.set(id, n);
        await insertOutbox(manager, [message(id, n)]);
      });
    await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        await writeNext(tasks[index % tasks.length]!);
        all[index % all.length]!.wake();
      }),
    );
    await eventually(async () => expect(await rowsLeft()).toBe(0));
    const found = await published();
    for (const id of tasks) {
      const numbers = found.filter(([of]) => of === id).map(([, n]) => n);
      expect(numbers).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
    }
  });

  it('publishes once what was published before a crash, but not deleted', async () => {
    await write(message(taskId, 3));
    await new JetStreamPublisher(nats, topology).publish(message(taskId, 3).subject, encode({ n: 3 }), {
      messageId: message(taskId, 3).messageId,
    });
    startRelay();
    await eventually(async () => expect(await rowsLeft()).toBe(0));
    expect(await published()).toEqual([[taskId, 3]]);
  });

  it('waits for NATS, locking nothing, and goes on when it is back', async () => {
    const relay = startRelay();
    await server.kill();
    await eventually(() => expect(nats.isConnected()).toBe(false));
    await write(message(taskId, 4), message(taskId, 5));
    relay.wake();
    await eventually(async () => {
      const free = await database.manager.query('SELECT id FROM outbox FOR UPDATE SKIP LOCKED');
      expect(free).toHaveLength(2);
    });
    await server.restart();
    await eventually(async () => expect(await rowsLeft()).toBe(0), { timeoutMs: 60_000 });
    expect(await published()).toEqual([
      [taskId, 4],
      [taskId, 5],
    ]);
  });

  it('stops after the claim in hand; twice is harmless', async () => {
    const relay = startRelay();
    await relay.stop();
    await relay.stop();
    await write(message(taskId, 6));
    relay.wake();
    expect(await rowsLeft()).toBe(1);
    startRelay();
    await eventually(async () => expect(await rowsLeft()).toBe(0));
  });

  it('publishes what is left before the process ends', async () => {
    const relay = startRelay();
    await relay.stop();
    await write(...Array.from({ length: 250 }, (_, index) => message(taskId, 100 + index)));
    await relay.beforeApplicationShutdown();
    expect(await rowsLeft()).toBe(0);
  });
});

describe('ReplayDeadLetter', () => {
  const subject = subjects.taskReported('daemon-1', uuidv7());
  const deadLetter = () =>
    insertDeadLetter(database.manager, {
      id: uuidv7(),
      consumer: 'task-reports',
      subject,
      code: 'TASK_NOT_FOUND',
      reason: 'there is no such task',
      payload: Buffer.from('{"eventId":"…"}'),
      headers: { 'Nats-Msg-Id': 'as before', Kind: 'test' },
      deliveredCount: 1,
    });

  it('sends the message again, whole, also soon after the first time', async () => {
    const publisher = new JetStreamPublisher(nats, topology);
    await publisher.publish(subject, Buffer.from('the first time'), { messageId: 'as before' });
    const id = await deadLetter();
    const replay = new ReplayDeadLetter(database, publisher);
    expect(await replay.replay(id)).toBe(true);
    expect(await replay.replay(uuidv7())).toBe(false);

    const manager = await nats.jetStreamManager();
    const stored = await manager.streams.getMessage('TASKS', { last_by_subj: subject });
    expect(stored!.string()).toBe('{"eventId":"…"}');
    expect(stored!.header.get('Kind')).toBe('test');
    expect((await findDeadLetter(database.manager, id))!.replayedAt).toBeInstanceOf(Date);
  });

  it('does not call replayed what NATS did not take', async () => {
    const id = await deadLetter();
    await database.manager.query('UPDATE dead_letters SET replayed_at = NULL');
    const broken = { publish: () => Promise.reject(new Error('no NATS')) };
    const replay = new ReplayDeadLetter(database, broken as unknown as JetStreamPublisher);
    await expect(replay.replay(id)).rejects.toThrow('no NATS');
    expect((await findDeadLetter(database.manager, id))!.replayedAt).toBeNull();
  });
});
