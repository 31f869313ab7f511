/**
 * How long a good daemon's checkpoint takes until it is confirmed, alone and while another daemon floods.
 *
 *   npm run bench:flood
 */
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { Pool } from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { CheckpointCreated, compose, encode, subjects, type CheckpointStored } from '#contracts';
import { startStack, type Stack } from '#embedded';
import { JetStreamPublisher, NatsClient, Topology } from '#messaging';
import { packageFolder } from '#runtime';
import { flood } from '../../test/testing/flood.js';
import { floodReport, type Measured } from './report.js';

const CHECKPOINTS = 100;
const PAUSE_MILLISECONDS = 50;
const PATIENCE_MILLISECONDS = 60_000;

const dataDir = await mkdtemp(join(tmpdir(), 'patchpoint-flood-'));
const stack = await startStack({ dataDir, ingestReplicas: 2, daemonIds: [] });
try {
  const alone = await measure(stack, 'alone');
  const stop = new AbortController();
  const nats = new NatsClient({ url: stack.nats.url }, 'bad');
  const flooding = flood(await nats.connection(), 'bad', await runningTask(stack, 'bad'), stop.signal);
  const flooded = await measure(stack, 'flooded');
  stop.abort();
  const sent = await flooding;
  await nats.close();
  const page = join(packageFolder(), 'docs/benchmarks/flood.md');
  await writeFile(page, floodReport({ alone, flooded, sent }));
  process.stdout.write(`${page} written\n`);
} finally {
  await stack.stop();
  await rm(dataDir, { recursive: true, force: true });
}

/** Sends checkpoints of a good daemon, one after another. */
async function measure({ nats: { url }, ...rest }: Stack, name: string): Promise<Measured> {
  const nats = new NatsClient({ url }, 'good');
  const publisher = new JetStreamPublisher(nats, new Topology(nats, 1));
  const confirmed = new Set<string>();
  const connection = await nats.connection();
  connection.subscribe(subjects.event('good', '*', 'checkpoint-stored'), {
    callback: (_error, message) => void confirmed.add(message.json<CheckpointStored>().checkpointEventId),
  });
  const taskId = await runningTask({ nats: { url }, ...rest } as Stack, 'good');
  const milliseconds: number[] = [];
  for (let sequence = 1; sequence <= CHECKPOINTS; sequence++) {
    const event = checkpoint(taskId, sequence);
    const startedAt = performance.now();
    await publisher.publish(subjects.checkpointCreated('good', taskId), encode(event));
    while (!confirmed.has(event.eventId)) {
      if (performance.now() - startedAt > PATIENCE_MILLISECONDS) throw new Error(`${name}: never stored`);
      await sleep(2);
    }
    milliseconds.push(performance.now() - startedAt);
    await sleep(PAUSE_MILLISECONDS);
  }
  await nats.close();
  return { milliseconds };
}

async function runningTask({ postgres }: Stack, daemonId: string): Promise<string> {
  const pool = new Pool({ connectionString: postgres.url, max: 1 });
  const id = uuidv7();
  await pool.query(
    `INSERT INTO tasks (id, name, plan, runner, repo_url, pool, daemon_id, state)
     VALUES ($1, 'flood', 'true', 'shell', 'new://flood', 'default', $2, 'running')`,
    [id, daemonId],
  );
  await pool.end();
  return id;
}

function checkpoint(taskId: string, sequence: number): CheckpointCreated {
  const patch = gzipSync(`diff ${taskId} ${sequence}\n`);
  return compose(CheckpointCreated, {
    eventId: uuidv7(),
    daemonId: 'good',
    taskId,
    attempt: 1,
    sequence,
    kind: 'heartbeat',
    success: true,
    capturedAt: new Date().toISOString(),
    message: `checkpoint ${sequence}`,
    treeSha: 'e'.repeat(40),
    patchData: patch.toString('base64'),
    patchFormat: 'git-diff',
    patchBaseSha: 'b'.repeat(40),
    patchSha256: createHash('sha256').update(patch).digest('hex'),
    patchSizeBytes: patch.length,
    patchUncompressedSizeBytes: patch.readUInt32LE(patch.length - 4),
    patchFilesCount: 1,
    patchTtlHours: 168,
  });
}
