import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { PatchStoreClient } from '#client';
import {
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
  'dead-letters',
  'expired-conversations',
  'expired-patches',
  'forgotten-daemons',
  'idempotency-keys',
  'lost-tasks',
  'stuck-spawns',
];

const PATIENCE = { timeoutMs: 60_000 };

/** After a reboot nothing has to be started in an order: what needs NATS or Postgres waits for it. */
describe('a process that is started before NATS and Postgres', () => {
  const postgres = usePostgres();
  const running: { stop(): Promise<void> }[] = [];
  let natsPort: number;

  beforeAll(async () => {
    natsPort = await findFreePort();
  });
  afterEach(async () => {
    for (const each of running.splice(0)) await each.stop();
  });

  it('is alive and not ready, and does all of its work once both are there', async () => {
    await postgres.stop();
    const [janitor, daemon, ingest, patchStore] = await Promise.all([
      start('janitor'),
      start('daemon-agent'),
      start('checkpoint-ingest'),
      start('patch-store'),
    ]);
    const statusOf = async (path: string): Promise<number[]> => {
      const apps = [janitor, daemon, ingest, patchStore];
      return Promise.all(apps.map(async ({ url }) => (await fetch(url + path)).status));
    };
    expect(await statusOf('/healthz')).toEqual([200, 200, 200, 200]);
    expect(await statusOf('/readyz')).toEqual([503, 503, 503, 503]);
    await postgres.restart();
    await startNats();
    await eventually(async () => expect(await statusOf('/readyz')).toEqual([200, 200, 200, 200]), PATIENCE);
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
