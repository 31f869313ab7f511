import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { CheckpointCreated, compose, encode, subjects } from '#contracts';
import { JetStreamPublisher, NatsClient, STREAMS, Topology } from '#messaging';
import { eventually } from '#testing';
import { useDrivenStack } from '../testing/use-driven-stack.js';

const CHECKPOINTS = 3000;

describe('SIGTERM under load', () => {
  const test = useDrivenStack({ ingestReplicas: 2, daemonIds: [] });
  const taskId = uuidv7();
  let nats: NatsClient;
  let postgres: Client;

  beforeAll(async () => {
    nats = new NatsClient({ url: test.stack.nats.url }, 'graceful stop');
    await nats.connection();
    postgres = new Client({ connectionString: test.stack.postgres.url });
    await postgres.connect();
    await postgres.query(
      `INSERT INTO tasks (id, name, plan, runner, repo_url, pool, daemon_id, state, attempt)
       VALUES ($1, 'load', 'true', 'shell', 'new://load', 'default', 'load', 'running', 1)`,
      [taskId],
    );
  });

  afterAll(async () => {
    await nats.close();
    await postgres.end();
  });

  it('F23 leaves nothing unacknowledged: what was not stored is in the stream, or set aside', async () => {
    const publisher = new JetStreamPublisher(nats, new Topology(nats, 1));
    const publishing = Promise.all(
      Array.from({ length: CHECKPOINTS }, (_, index) =>
        // Patiently: what is sent again after a timeout would be counted twice.
        publisher.publish(subjects.checkpointCreated('load', taskId), encode(checkpoint(index + 1)), {
          timeoutMilliseconds: 60_000,
        }),
      ),
    );
    await eventually(async () => expect(await storedCount()).toBeGreaterThan(0));
    const replicas = test.stack.apps.filter(({ app }) => app === 'checkpoint-ingest');
    const ends = await Promise.all(
      replicas.map(async (replica) => {
        await replica.stop();
        return replica.exited;
      }),
    );
    expect(ends.map(({ code }) => code)).toEqual([0, 0]);
    await publishing;

    // Nobody is left who could settle anything, but the server may still be at the last acknowledgments.
    const manager = await nats.jetStreamManager();
    await eventually(async () => {
      const consumer = await manager.consumers.info(STREAMS.checkpoints.name, 'checkpoint-ingest');
      expect(consumer.num_ack_pending).toBe(0);
      const kept = (await storedCount()) + (await asideCount()) + consumer.num_pending;
      expect(kept).toBe(CHECKPOINTS);
    });
  });

  const storedCount = () => countOf('SELECT count(*)::int FROM task_checkpoints');

  /** What one daemon sends beyond its share of places waits in Postgres. */
  const asideCount = () => countOf('SELECT count(*)::int FROM parked_messages');

  async function countOf(query: string): Promise<number> {
    const { rows } = await postgres.query<{ count: number }>(query);
    return rows[0]!.count;
  }

  function checkpoint(sequence: number): CheckpointCreated {
    return compose(CheckpointCreated, {
      eventId: uuidv7(),
      daemonId: 'load',
      taskId,
      attempt: 1,
      sequence,
      kind: 'heartbeat',
      success: true,
      capturedAt: new Date().toISOString(),
      message: 'load',
      treeSha: 'a'.repeat(40),
      patchAbsentReason: 'disabled',
    });
  }
});
