import { join } from 'node:path';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { v7 as uuidv7 } from 'uuid';
import { PatchStoreClient } from '#client';
import { inboxPrefix } from '#contracts';
import { startApp, startNatsServer, type AppName, type AppProcess, type NatsServer } from '#embedded';
import { packageFolder } from '#runtime';
import { eventually, temporaryFolder, useDatabase } from '#testing';

/** Every app under the example's accounts and permissions, with one daemon: worker-1 of the pool default. */
export class ConfinedStack {
  readonly apps: AppProcess[] = [];
  readonly runDir = temporaryFolder();
  nats!: NatsServer;

  constructor(readonly databaseUrl: () => string) {}

  async start(): Promise<void> {
    for (const user of ['CHECKPOINT_INGEST', 'PATCH_STORE', 'JANITOR', 'WORKER_1', 'DASHBOARD']) {
      process.env[`${user}_PASSWORD`] = 'pw';
    }
    const configFile = join(packageFolder(), 'examples/nats-permissions/nats-server.conf');
    this.nats = await startNatsServer({ dataDir: temporaryFolder(), configFile });
    // It sets up the streams that the others find.
    await this.startApp('patch-store');
    await Promise.all([this.startApp('checkpoint-ingest'), this.startApp('janitor')]);
    const environment = {
      NATS_URL: this.urlOf('worker-1'),
      PATCHPOINT_JETSTREAM_DOMAIN: 'patchpoint',
      PATCHPOINT_DAEMON_ID: 'worker-1',
      PATCHPOINT_STATE_DIR: join(this.runDir, 'agent'),
      PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS: '0', // one checkpoint for each task, its final one
    };
    this.apps.push(await startApp({ app: 'daemon-agent', runDir: this.runDir, environment }));
  }

  async stop(): Promise<void> {
    await Promise.all(this.apps.map((app) => app.stop()));
    await this.nats?.stop();
  }

  get patchStore(): PatchStoreClient {
    return new PatchStoreClient(this.apps.find(({ app }) => app === 'patch-store')!.url);
  }

  /** A connection of its own, as that daemon has it. */
  connectAs(daemonId: string): Promise<NatsConnection> {
    const { port } = this.nats;
    return connect({ port, user: daemonId, pass: 'pw', inboxPrefix: inboxPrefix(daemonId) });
  }

  /** A task that leaves a large and a small file, run to its end. */
  async runTask(target: Record<string, string>): Promise<string> {
    const id = uuidv7();
    const plan = 'head -c 400000 /dev/urandom > large.bin; echo hello > small.txt';
    await this.patchStore.createTask({
      id,
      name: 'example',
      runner: 'shell',
      repoUrl: 'new://x',
      plan,
      ...target,
    });
    const options = { timeoutMs: 60_000 };
    await eventually(async () => expect((await this.patchStore.task(id)).state).toBe('completed'), options);
    await eventually(async () => expect(await this.patchStore.checkpoints(id)).not.toEqual([]), options);
    return id;
  }

  private async startApp(app: AppName): Promise<void> {
    const environment = { NATS_URL: this.urlOf(app), DATABASE_URL: this.databaseUrl() };
    this.apps.push(await startApp({ app, runDir: this.runDir, environment }));
  }

  private urlOf(user: string): string {
    return this.nats.url.replace('//', `//${user}:pw@`);
  }
}

/** One for a spec file. Call it while the file is evaluated. */
export function useConfinedStack(): ConfinedStack {
  const database = useDatabase();
  const stack = new ConfinedStack(() => database.url);
  beforeAll(() => stack.start(), 120_000);
  afterAll(() => stack.stop(), 90_000);
  return stack;
}
