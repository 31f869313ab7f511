import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, PermissionViolationError, type NatsConnection } from '@nats-io/transport-node';
import { execa, type ResultPromise } from 'execa';
import { Client } from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { PatchStoreClient } from '#client';
import { inboxPrefix, subjects } from '#contracts';
import { startApp, startNatsServer, type AppName, type AppProcess, type NatsServer } from '#embedded';
import { packageFolder } from '#runtime';
import { eventually, temporaryFolder, useDatabase } from '#testing';

const examples = join(packageFolder(), 'examples');

describe('a NATS server with permissions', () => {
  const database = useDatabase();
  const runDir = temporaryFolder();
  const apps: AppProcess[] = [];
  let nats: NatsServer;

  beforeAll(async () => {
    Object.assign(process.env, {
      SERVICES_PASSWORD: 'pw',
      WORKER_1_PASSWORD: 'pw',
      DASHBOARD_PASSWORD: 'pw',
    });
    const configFile = join(examples, 'nats-permissions/nats-server.conf');
    nats = await startNatsServer({ dataDir: temporaryFolder(), configFile });
    await Promise.all([
      start('checkpoint-ingest', 'services', { DATABASE_URL: database.url }),
      start('patch-store', 'services', { DATABASE_URL: database.url }),
    ]);
    await start('daemon-agent', 'worker-1', {
      PATCHPOINT_DAEMON_ID: 'worker-1',
      PATCHPOINT_STATE_DIR: join(runDir, 'agent'),
      PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS: '0', // one checkpoint for each task, its final one
    });
  });
  afterAll(async () => {
    await Promise.all(apps.map((app) => app.stop()));
    await nats?.stop();
  }, 90_000);

  async function start(app: AppName, user: string, variables: Record<string, string>): Promise<void> {
    const environment = { NATS_URL: nats.url.replace('//', `//${user}:pw@`), ...variables };
    apps.push(await startApp({ app, runDir, environment }));
  }

  const patchStore = () => new PatchStoreClient(apps.find(({ app }) => app === 'patch-store')!.url);

  /** A task that leaves a large and a small file, run to its end. */
  async function runTask(target: Record<string, string>): Promise<string> {
    const id = uuidv7();
    const plan = 'head -c 400000 /dev/urandom > large.bin; echo hello > small.txt';
    await patchStore().createTask({
      id,
      name: 'example',
      runner: 'shell',
      repoUrl: 'new://x',
      plan,
      ...target,
    });
    await eventually(async () => expect((await patchStore().task(id)).state).toBe('completed'), {
      timeoutMs: 60_000,
    });
    await eventually(async () => expect(await patchStore().checkpoints(id)).not.toEqual([]));
    return id;
  }

  function asDashboard(): { env: Record<string, string> } {
    return { env: { NATS_SERVER: new URL(nats.url).host, NATS_USER: 'dashboard', NATS_PASSWORD: 'pw' } };
  }

  let taskId: string;

  it('lets a daemon do its whole job', async () => {
    taskId = await runTask({ daemonId: 'worker-1' });
    const [checkpoint] = await patchStore().checkpoints(taskId);
    expect(checkpoint).toMatchObject({ kind: 'final', filesChanged: 2 });
    await runTask({ pool: 'default' });
    const log = readFileSync(apps.find(({ app }) => app === 'daemon-agent')!.logFile, 'utf8');
    expect(log).not.toMatch(/ermissions Violation/i);
  });

  describe('given to one daemon', () => {
    let worker: NatsConnection;
    beforeAll(async () => {
      const { port } = nats;
      worker = await connect({ port, user: 'worker-1', pass: 'pw', inboxPrefix: inboxPrefix('worker-1') });
    });
    afterAll(() => worker.close());

    it.each([
      subjects.checkpointCreated('worker-2', 't'),
      subjects.blobChunk('worker-2', 'sha', 0),
      subjects.taskReported('worker-2', 't'),
      subjects.output('worker-2', 't'),
      subjects.heartbeat('default', 'worker-2'),
      subjects.heartbeat('gold', 'worker-1'),
      subjects.rpc('worker-2', 'get-patch'),
      subjects.event('worker-1', 't', 'checkpoint-stored'),
      subjects.daemonCommand('worker-1', 'spawn-task'),
      subjects.poolSpawnTask('default'),
      '$JS.API.STREAM.DELETE.EVENTS',
      '$JS.API.STREAM.PURGE.COMMANDS',
      '$JS.API.STREAM.MSG.GET.CHECKPOINTS',
      `$JS.API.DIRECT.GET.BLOBS.${subjects.blobChunk('worker-2', 'sha', 0)}`,
      '$JS.API.CONSUMER.MSG.NEXT.CHECKPOINTS.checkpoint-ingest',
      '$JS.API.CONSUMER.MSG.NEXT.COMMANDS.daemon-worker-2-spawn-task',
      '$JS.ACK.COMMANDS.daemon-worker-2-spawn-task.1.1.1.1.0',
    ])('refuse it to publish to %s', async (subject) => {
      await expect(worker.request(subject, '', { timeout: 30_000 })).rejects.toHaveProperty(
        'cause',
        expect.any(PermissionViolationError),
      );
    });

    it.each([
      subjects.event('worker-2', '*', '*'),
      subjects.event('*', '*', '*'),
      subjects.output('worker-1', '*'),
      subjects.checkpointCreated('*', '*'),
      '_INBOX.>',
      `${inboxPrefix('worker-2')}.>`,
      '$JS.>',
    ])('refuse it to subscribe to %s', async (subject) => {
      const refusal = new Promise((resolve) => {
        worker.subscribe(subject, { callback: (error) => resolve(error) });
      });
      expect(await refusal).toBeInstanceOf(PermissionViolationError);
    });

    it("refuse it to pull another's commands under a name of its own", async () => {
      const manager = await jetstreamManager(worker, { checkAPI: false, timeout: 30_000 });
      const consumer = (filter_subject?: string) =>
        manager.consumers.add('COMMANDS', { durable_name: 'daemon-worker-1-spawn-task', filter_subject });
      await expect(consumer(subjects.daemonCommand('worker-2', 'spawn-task'))).rejects.toThrow(/ermission/);
      await expect(consumer()).rejects.toThrow(/ermission/);
    });
  });

  describe('and the examples', () => {
    let listener: ResultPromise<{ reject: false }> | undefined;
    afterAll(() => void listener?.kill());

    it('tell a service of each checkpoint, and end when it is stopped', async () => {
      const program = join(packageFolder(), 'dist/examples/checkpoint-listener/main.js');
      let said = '';
      listener = execa('node', [program], { ...asDashboard(), reject: false });
      listener.stdout!.on('data', (data) => (said += String(data)));
      await eventually(() => expect(said).toContain(`task ${taskId}, checkpoint 1: `), { timeoutMs: 60_000 });
      listener.kill('SIGTERM');
      expect((await listener).stderr).toBe('');
    });

    it('replay the events of a day', async () => {
      const program = join(examples, 'replay-events.mjs');
      // Each is published a little after what it tells of has happened.
      await eventually(async () => {
        const all = await execa('node', [program], asDashboard());
        const ofTask = all.stdout.split('\n').filter((line) => line.includes(taskId));
        expect(ofTask.map((line) => line.split(' ')[1])).toEqual([
          'patchpoint.v1.task-spawning',
          'patchpoint.v1.task-started',
          expect.stringMatching(/checkpoint-stored|task-completed/),
          expect.stringMatching(/checkpoint-stored|task-completed/),
        ]);
        const one = await execa('node', [program, '1', 'task-completed'], asDashboard());
        expect(one.stdout.split('\n')).toHaveLength(2);
      });
      expect((await execa('node', [program, '1', 'task-lost'], asDashboard())).stdout).toBe('');
    });

    it('ask the database', async () => {
      const queries = readFileSync(join(examples, 'cookbook.sql'), 'utf8')
        .split(/;\n/)
        .filter((q) => q.trim());
      const client = new Client({ connectionString: database.url });
      await client.connect();
      try {
        const answers: Record<string, unknown>[][] = [];
        for (const query of queries) answers.push((await client.query(query)).rows);
        expect(answers).toHaveLength(8);
        expect(answers[1]!.map((row) => row['task_id'])).toContain(taskId);
        expect(answers[6]).toMatchObject([{ id: 'worker-1' }]);
      } finally {
        await client.end();
      }
    });
  });
});
