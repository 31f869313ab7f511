import { createHash, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { Pool } from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { CheckpointCreated, compose, encode, inboxPrefix, subjects, type CheckpointStored } from '#contracts';
import type { Stack } from '#embedded';
import { JetStreamPublisher, NatsClient, Topology } from '#messaging';
import { eventually } from '#testing';
import { messagesForIngest } from './messages-for-ingest.js';

const DAEMON_ID = 'recorder';

export interface RecordedRow {
  number: number;
  event_id: string;
  sequence: number;
  /** Computed by Postgres from the bytes that it has; null: no patch. */
  sha256: string | null;
}

/**
 * An agent without worktrees: sends checkpoints, hears confirmations, and looks into Postgres. Its methods
 * stand alone.
 */
export class Recorder {
  /** Event ids, in the order in which they were confirmed; one that was confirmed twice is there twice. */
  readonly confirmed: string[] = [];

  constructor(
    readonly nats: NatsClient,
    readonly postgres: Pool,
    private readonly publisher: JetStreamPublisher,
  ) {}

  /** A running task of this agent. */
  task = async (): Promise<string> => {
    const id = uuidv7();
    await this.postgres.query(
      `INSERT INTO tasks (id, name, plan, runner, repo_url, pool, daemon_id, state)
       VALUES ($1, 'load', 'true', 'shell', 'new://load', 'default', $2, 'running')`,
      [id, DAEMON_ID],
    );
    return id;
  };

  /** Whoever wants to record something for the task waits until the function returned was called. */
  async lockTask(taskId: string): Promise<() => Promise<void>> {
    const client = await this.postgres.connect();
    client.on('error', () => {});
    await client.query('BEGIN');
    await client.query('SELECT FROM tasks WHERE id = $1 FOR UPDATE', [taskId]);
    return async () => {
      await client.query('COMMIT');
      client.release();
    };
  }

  /** Resolves when JetStream has the checkpoint; rejects as the publisher does. */
  send = (event: CheckpointCreated): Promise<unknown> =>
    this.publisher.publish(subjects.checkpointCreated(DAEMON_ID, event.taskId), encode(event));

  rows = async (taskId: string): Promise<RecordedRow[]> => {
    const { rows } = await this.postgres.query<RecordedRow>(
      `SELECT c.number, c.event_id, c.sequence, encode(sha256(p.patch_data), 'hex') AS sha256
         FROM task_checkpoints c LEFT JOIN checkpoint_patches p ON p.id = c.patch_id
        WHERE c.task_id = $1 ORDER BY c.number`,
      [taskId],
    );
    return rows;
  };

  /**
   * Waits until exactly these are stored, each once, numbered without gaps, with their bytes, and each is
   * confirmed.
   */
  untilRecorded = async (
    taskId: string,
    events: readonly CheckpointCreated[],
    timeoutMs = 60_000,
  ): Promise<void> => {
    await eventually(
      async () => {
        const rows = await this.rows(taskId);
        expect(rows.map(({ number }) => number)).toEqual(events.map((_, index) => index + 1));
        expect(sorted(rows.map((row) => [row.event_id, row.sha256]))).toEqual(
          sorted(events.map((event) => [event.eventId, event.patchSha256])),
        );
        expect(events.filter(({ eventId }) => !this.confirmed.includes(eventId))).toEqual([]);
      },
      { timeoutMs, intervalMs: 50 },
    );
  };

  /**
   * Waits until all that was sent is acknowledged: whatever cannot be recorded or buried comes again and
   * again.
   */
  untilSettled = (timeoutMs = 60_000): Promise<void> =>
    eventually(async () => expect(await messagesForIngest(this.nats)).toBe(0), { timeoutMs });

  /** Messages of this agent that wait aside. */
  parked = async (): Promise<number> => {
    const { rowCount } = await this.postgres.query('SELECT FROM parked_messages WHERE daemon_id = $1', [
      DAEMON_ID,
    ]);
    return rowCount!;
  };

  deadLetters = async (): Promise<{ code: string; event_id: string | null }[]> => {
    const { rows } = await this.postgres.query('SELECT code, event_id FROM dead_letters ORDER BY created_at');
    return rows;
  };
}

/** Call it at the top level of a spec file, after `useStack`. */
export function useRecorder(stack: () => Stack): () => Recorder {
  let recorder: Recorder;
  let postgres: Pool;

  beforeAll(async () => {
    postgres = new Pool({ connectionString: stack().postgres.url, max: 4 });
    postgres.on('error', () => {}); // its server is killed
    const nats = new NatsClient({ url: stack().nats.url, inboxPrefix: inboxPrefix(DAEMON_ID) }, DAEMON_ID);
    recorder = new Recorder(nats, postgres, new JetStreamPublisher(nats, new Topology(nats, 1)));
    const connection = await nats.connection();
    connection.subscribe(subjects.event(DAEMON_ID, '*', 'checkpoint-stored'), {
      callback: (_error, message) =>
        void recorder.confirmed.push(message.json<CheckpointStored>().checkpointEventId),
    });
    await connection.flush();
  });
  afterAll(async () => {
    await recorder?.nats.close();
    await postgres?.end();
  });
  return () => recorder;
}

/** A checkpoint with a small patch of its own. */
export function madeCheckpoint(taskId: string, sequence = 1): CheckpointCreated {
  return carrying(taskId, sequence, gzipSync(`diff ${taskId} ${sequence}\n`), true);
}

/** A checkpoint whose patch travels as one blob chunk, and that chunk. */
export function checkpointWithBlob(taskId: string): { event: CheckpointCreated; chunk: Buffer } {
  const chunk = gzipSync(randomBytes(300_000));
  return { event: carrying(taskId, 1, chunk, false), chunk };
}

export function madeCheckpoints(taskId: string, count: number): CheckpointCreated[] {
  return Array.from({ length: count }, (_, index) => madeCheckpoint(taskId, index + 1));
}

export function blobSubject(event: CheckpointCreated): string {
  return subjects.blobChunk(DAEMON_ID, event.patchSha256!, 0);
}

function carrying(taskId: string, sequence: number, patch: Buffer, inline: boolean): CheckpointCreated {
  return compose(CheckpointCreated, {
    eventId: uuidv7(),
    daemonId: DAEMON_ID,
    taskId,
    attempt: 1,
    sequence,
    kind: 'heartbeat',
    success: true,
    capturedAt: new Date().toISOString(),
    message: `checkpoint ${sequence}`,
    treeSha: 'e'.repeat(40),
    ...(inline ? { patchData: patch.toString('base64') } : { patchChunkCount: 1 }),
    patchFormat: 'git-diff',
    patchBaseSha: 'b'.repeat(40),
    patchSha256: createHash('sha256').update(patch).digest('hex'),
    patchSizeBytes: patch.length,
    patchUncompressedSizeBytes: patch.readUInt32LE(patch.length - 4), // where gzip notes it
    patchFilesCount: 1,
    patchTtlHours: 168,
  });
}

function sorted(pairs: readonly unknown[][]): string[] {
  return pairs.map((pair) => pair.join(' ')).sort();
}
