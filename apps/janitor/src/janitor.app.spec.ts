import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { PatchExpired } from '#contracts';
import { CheckpointPatch, Database } from '#database';
import { NatsClient } from '#messaging';
import { eventually, useDatabase, useNats } from '#testing';
import { seedPatch, seedTask } from '../testing/seed.js';
import { readJanitorConfig } from './janitor.config.js';
import { janitor } from './janitor.app.js';

const postgres = useDatabase();
const server = useNats();
let database: Database;
let nats: NatsClient;
const running: INestApplication[] = [];

beforeAll(async () => {
  database = new Database({ databaseUrl: postgres.url, applicationName: 'spec', poolSize: 4 });
  await database.connected();
  nats = new NatsClient({ url: server.url }, 'spec');
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((app) => app.close()));
});
afterAll(async () => {
  await nats.close();
  await database.onApplicationShutdown();
});

async function startJanitor(): Promise<string> {
  const config = readJanitorConfig({
    DATABASE_URL: postgres.url,
    NATS_URL: server.url,
    PATCHPOINT_LOG_LEVEL: 'silent',
    PATCHPOINT_SWEEP_INTERVAL_SECONDS: '1',
  });
  const app = await NestFactory.create(await janitor.module(config), { logger: false });
  running.push(app);
  await app.listen(0, '127.0.0.1');
  return app.getUrl();
}

async function announcements(): Promise<PatchExpired[]> {
  const manager = await nats.jetStreamManager();
  const { state } = await manager.streams.info('EVENTS');
  const events: PatchExpired[] = [];
  for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
    const stored = await manager.streams.getMessage('EVENTS', { seq });
    if (stored) events.push(stored.json<PatchExpired>());
  }
  return events;
}

describe('janitor', () => {
  it('sweeps at start and at its interval; three of them sweep each patch once', async () => {
    const taskId = await seedTask(database, 'completed');
    const unfinished = await seedTask(database, 'running');
    for (let number = 1; number <= 20; number++) await seedPatch(database, { taskId, number, ttlHours: -1 });
    const kept = await seedPatch(database, { taskId: unfinished, number: 1, ttlHours: -1 });
    const [url] = await Promise.all([startJanitor(), startJanitor(), startJanitor()]);
    await eventually(async () => expect(await announcements()).toHaveLength(20));
    const later = await seedPatch(database, { taskId, number: 21, ttlHours: -1 });
    const events = await eventually(async () => {
      const events = await announcements();
      expect(events).toHaveLength(21);
      return events;
    });
    expect(events.at(-1)).toMatchObject({ patchId: later, checkpointNumber: 21 });
    expect(new Set(events.map(({ patchId }) => patchId)).size).toBe(21);
    expect(await database.manager.findOneBy(CheckpointPatch, { id: kept })).not.toBeNull();

    // The other two may have swept everything before this one has looked.
    await eventually(async () => {
      expect((await fetch(`${url}/readyz`)).status).toBe(200);
      const metrics = await (await fetch(`${url}/metrics`)).text();
      expect(metrics).toMatch(/patchpoint_janitor_swept_total\{sweep="expired-patches"\} \d+/);
      expect(metrics).toMatch(
        /patchpoint_janitor_last_success_timestamp_seconds\{sweep="expired-patches"\} \d+/,
      );
    });
  });

  it('stops at once while it waits for its interval, and may be stopped twice', async () => {
    await startJanitor();
    const [app] = running;
    await app!.close();
    await app!.close();
  });
});
