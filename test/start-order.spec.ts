import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { PatchStoreClient } from '#client';
import {
  appNames,
  findFreePort,
  startApp,
  startNatsServer,
  type AppName,
  type AppProcess,
  type NatsServer,
} from '#embedded';
import { eventually, temporaryFolder, usePostgres } from '#testing';

const SWEEPS = [
  'dead-daemons',
  'expired-patches',
  'forgotten-daemons',
  'idempotency-keys',
  'lost-tasks',
  'stuck-spawns',
];

const PATIENCE = { timeoutMs: 60_000 };

/**
 * After a reboot nothing has to be started in an order: what needs NATS or Postgres waits for it. Only in
 * fault runs: it starts each app twice and takes a minute. That an app starts without NATS is tested with
 * messaging.
 */
const inFaultRuns = process.env['PATCHPOINT_ALL_FAULTS'] === undefined ? describe.skip : describe;

inFaultRuns('a process that is started before NATS and Postgres', () => {
  const postgres = usePostgres();
  const running: { stop(): Promise<void> }[] = [];
  let natsPort: number;

  beforeAll(async () => {
    natsPort = await findFreePort();
  });
  afterEach(async () => {
    for (const each of running.splice(0)) await each.stop();
  });

  it.each(appNames)('%s, alone, is alive and not ready, and ready when both are there', async (app) => {
    await postgres.stop();
    const { url } = await start(app);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    await startNats();
    await postgres.restart();
    await eventually(async () => expect((await fetch(`${url}/readyz`)).status).toBe(200), PATIENCE);
  });

  it('does its work then: a task is created, run, checkpointed and stored, and all is swept', async () => {
    await postgres.stop();
    const [janitor, , , patchStore] = [
      await start('janitor'),
      await start('daemon-agent'),
      await start('checkpoint-ingest'),
      await start('patch-store'),
    ] as const;
    await postgres.restart();
    await startNats();
    const client = new PatchStoreClient(patchStore.url);
    const id = uuidv7();
    const task = { id, name: 'first', runner: 'shell', repoUrl: 'new://first', plan: 'echo 1 > 1.txt' };
    await eventually(() => client.createTask(task), PATIENCE);
    await eventually(
      async () =>
        expect(await client.task(id)).toMatchObject({ state: 'completed', lastCheckpointNumber: 1 }),
      PATIENCE,
    );
    await eventually(async () => expect((await sweeps(janitor)).sort()).toEqual(SWEEPS), PATIENCE);
  });

  async function start(app: AppName): Promise<AppProcess> {
    const folder = temporaryFolder();
    const started = await startApp({
      app,
      runDir: join(folder, 'run'),
      environment: {
        NATS_URL: `nats://127.0.0.1:${natsPort}`,
        ...(app === 'daemon-agent'
          ? { PATCHPOINT_STATE_DIR: join(folder, 'state') }
          : { DATABASE_URL: postgres.url }),
      },
    });
    running.push(started);
    return started;
  }

  /** One that has never had a stream. */
  async function startNats(): Promise<NatsServer> {
    const server = await startNatsServer({ dataDir: temporaryFolder(), port: natsPort });
    running.push(server);
    return server;
  }
});

/** Those that have succeeded. */
async function sweeps(janitor: AppProcess): Promise<string[]> {
  const metrics = await (await fetch(`${janitor.url}/metrics`)).text();
  return [...metrics.matchAll(/^patchpoint_janitor_last_success_\w+\{sweep="([^"]+)"/gm)].map(
    ([, name]) => name!,
  );
}
