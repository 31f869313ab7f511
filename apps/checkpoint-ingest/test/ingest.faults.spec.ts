import { afterEach, beforeAll, afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { encode, subjects, type CheckpointCreated, type CheckpointStored } from '#contracts';
import { Database, DeadLetter, insertTask, listCheckpoints } from '#database';
import { JetStreamPublisher, NatsClient, Topology } from '#messaging';
import { eventually, useNats, usePostgres } from '#testing';
import { aCheckpoint, startReplica } from '../testing/fixtures.js';

const postgres = usePostgres();
const server = useNats();
let database: Database;
let nats: NatsClient;
let publisher: JetStreamPublisher;
let replicas: INestApplication[] = [];
let announced: CheckpointStored[] = [];

beforeAll(async () => {
  database = new Database({ databaseUrl: postgres.url, applicationName: 'spec', poolSize: 2 });
  await database.connected();
  nats = new NatsClient({ url: server.url }, 'spec');
  const topology = new Topology(nats, 1);
  await topology.ensureStreams();
  publisher = new JetStreamPublisher(nats, topology);
  (await nats.connection()).subscribe(subjects.event('*', '*', 'checkpoint-stored'), {
    callback: (_error, message) => {
      announced.push(message.json());
    },
  });
});
beforeEach(() => {
  announced = [];
});
afterEach(async () => {
  await Promise.all(replicas.map((app) => app.close()));
  replicas = [];
});
afterAll(async () => {
  await nats.close();
  await database.onApplicationShutdown();
});

async function start(count: number): Promise<void> {
  const servers = { databaseUrl: postgres.url, natsUrl: server.url };
  replicas.push(...(await Promise.all(Array.from({ length: count }, () => startReplica(servers)))));
}

async function aRunningTask(): Promise<string> {
  const id = uuidv7();
  const task = { id, name: 'n', plan: 'p', runner: 'shell', repoUrl: 'new://a', pool: 'default' };
  await insertTask(database.manager, { ...task, state: 'running', daemonId: 'daemon-1' });
  return id;
}

function checkpoints(taskId: string, count: number): CheckpointCreated[] {
  return Array.from({ length: count }, (_, index) => aCheckpoint({ taskId, sequence: index + 1 }));
}

function send(event: CheckpointCreated): Promise<unknown> {
  return publisher.publish(subjects.checkpointCreated(event.daemonId, event.taskId), encode(event));
}

/** Waits until all are stored once, numbered 1 to n, each announced, and nothing was given up. */
async function allRecorded(taskId: string, events: CheckpointCreated[]): Promise<void> {
  await eventually(
    async () => {
      const rows = await listCheckpoints(database.manager, taskId, { limit: 10_000 });
      expect(rows.map(({ number }) => number).toReversed()).toEqual(events.map((_, index) => index + 1));
      expect(new Set(rows.map(({ eventId }) => eventId))).toEqual(
        new Set(events.map(({ eventId }) => eventId)),
      );
      const confirmed = new Set(announced.map(({ checkpointEventId }) => checkpointEventId));
      expect(events.filter(({ eventId }) => !confirmed.has(eventId))).toEqual([]);
    },
    { timeoutMs: 90_000, intervalMs: 100 },
  );
  expect(await database.manager.count(DeadLetter)).toBe(0);
}

describe('while Postgres is away', () => {
  it('nothing is given up, and all is recorded when it is back', async () => {
    const taskId = await aRunningTask();
    await start(2);
    const events = checkpoints(taskId, 60);
    await Promise.all(events.slice(0, 20).map(send));
    await postgres.stop();
    await Promise.all(events.slice(20).map(send));
    await eventually(async () => {
      const ready = await fetch(`${await replicas[0]!.getUrl()}/readyz`);
      expect(ready.status).toBe(503);
      expect(await ready.json()).toMatchObject({
        details: { nats: { status: 'up' }, postgres: { status: 'down' } },
      });
    });
    await postgres.restart();
    await allRecorded(taskId, events);
  });

  it('killed again and again under load, it has all that was confirmed, and in the end all', async () => {
    const taskId = await aRunningTask();
    await start(2);
    const events = checkpoints(taskId, 400);
    let sent = 0;
    const load = (async () => {
      for (const event of events) {
        await send(event);
        sent++;
      }
    })();
    for (const share of [0.2, 0.5, 0.8]) {
      await eventually(() => expect(sent).toBeGreaterThan(events.length * share));
      await postgres.kill();
      const confirmed = announced.map(({ checkpointEventId }) => checkpointEventId);
      await postgres.restart();
      await eventually(async () => {
        const rows = await listCheckpoints(database.manager, taskId, { limit: 10_000 });
        const stored = new Set(rows.map(({ eventId }) => eventId));
        expect(confirmed.filter((eventId) => !stored.has(eventId))).toEqual([]);
      });
    }
    await load;
    await allRecorded(taskId, events);
  });
});

describe('a stop under load', () => {
  it('settles what is in flight, leaves nothing unacknowledged, and another replica goes on', async () => {
    const taskId = await aRunningTask();
    await start(1);
    const events = checkpoints(taskId, 600);
    const load = Promise.all(events.map(send));
    await eventually(() => expect(announced.length).toBeGreaterThan(20));
    await replicas[0]!.close();
    await load;
    const manager = await nats.jetStreamManager();
    const { num_ack_pending } = await manager.consumers.info('CHECKPOINTS', 'checkpoint-ingest');
    expect(num_ack_pending).toBe(0);
    await start(1);
    await allRecorded(taskId, events);
  });
});

describe('a start without NATS and Postgres', () => {
  it('is alive and not ready, and works as soon as both are there', async () => {
    const taskId = await aRunningTask();
    await Promise.all([server.stop(), postgres.stop()]);
    await start(1);
    const url = await replicas[0]!.getUrl();
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect(await (await fetch(`${url}/readyz`)).json()).toMatchObject({
      details: { nats: { status: 'down' }, postgres: { status: 'down' } },
    });
    await Promise.all([server.restart(), postgres.restart()]);
    await eventually(async () => expect((await fetch(`${url}/readyz`)).status).toBe(200), {
      timeoutMs: 60_000,
    });
    const events = checkpoints(taskId, 3);
    await Promise.all(events.map(send));
    await allRecorded(taskId, events);
  });
});
