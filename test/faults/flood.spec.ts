import { describe, expect } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { encode, subjects } from '#contracts';
import { STREAMS } from '#messaging';
import { eventually, useStack } from '#testing';
import { fault } from '../testing/fault.js';
import { flood } from '../testing/flood.js';
import { madeCheckpoint, useRecorder } from '../testing/use-recorder.js';

describe('one daemon that does its worst', () => {
  const stack = useStack({ ingestReplicas: 2, daemonIds: [] });
  const recorder = useRecorder(stack);

  const messagesIn = async (stream: string): Promise<number> => {
    const manager = await recorder().nats.jetStreamManager();
    return (await manager.streams.info(stream)).state.messages;
  };
  const rows = async (sql: string): Promise<number> =>
    Number((await recorder().postgres.query<{ count: string }>(sql)).rows[0]!.count);

  fault(
    'F37',
    'one daemon floods: the checkpoints of another are stored within 2 s, and what is kept stays bounded',
    async () => {
      const { nats, task, send, confirmed } = recorder();
      const connection = await nats.connection();
      const taskId = await task();
      const bad = uuidv7();
      await recorder().postgres.query(
        `INSERT INTO tasks (id, name, plan, runner, repo_url, pool, daemon_id, state)
         VALUES ($1, 'bad', 'true', 'shell', 'new://bad', 'default', 'bad', 'running')`,
        [bad],
      );
      const stop = new AbortController();
      const flooding = flood(connection, 'bad', bad, stop.signal);
      const took: number[] = [];
      for (let sequence = 1; sequence <= 30; sequence++) {
        const event = madeCheckpoint(taskId, sequence);
        const startedAt = performance.now();
        await send(event);
        await eventually(() => expect(confirmed).toContain(event.eventId), { intervalMs: 10 });
        took.push(performance.now() - startedAt);
      }
      stop.abort();
      await flooding;
      expect(took.toSorted((a, b) => a - b).at(-1)!).toBeLessThan(2000);
      await eventually(
        async () => {
          expect(await messagesIn(STREAMS.checkpoints.name)).toBe(0);
          expect(await messagesIn(STREAMS.tasks.name)).toBe(0);
        },
        { timeoutMs: 120_000 },
      );
      expect(await rows(`SELECT count(*) FROM dead_letters WHERE daemon_id = 'bad'`)).toBeLessThanOrEqual(
        1000,
      );
      expect(await rows(`SELECT count(*) FROM parked_messages`)).toBeLessThanOrEqual(2 * 4096);
    },
    400_000,
  );

  fault('F38', 'a message that makes recording, or its own burial, fail ends stored or buried', async () => {
    const { nats, task, untilSettled } = recorder();
    const connection = await nats.connection();
    const letters = () => rows(`SELECT count(*) FROM dead_letters WHERE daemon_id IS DISTINCT FROM 'bad'`);
    const before = await letters();
    const event = madeCheckpoint(await task());
    // Recording fails for this one, whatever is tried.
    await recorder().postgres.query(
      `ALTER TABLE task_checkpoints ADD CONSTRAINT fault CHECK (message <> 'fails in recording') NOT VALID`,
    );
    // Keeping it whole fails; a bare letter has another subject.
    await recorder().postgres.query(
      `ALTER TABLE dead_letters ADD CONSTRAINT fault CHECK (reason NOT LIKE '%JSON%') NOT VALID`,
    );
    try {
      const messages = [
        [
          subjects.checkpointCreated('recorder', event.taskId),
          encode({ ...event, message: 'fails in recording' }),
        ],
        [subjects.checkpointCreated('recorder', event.taskId), Buffer.from('{')],
        [subjects.checkpointCreated('recorder', 'x'.repeat(3400)), randomBytes(100)],
        [subjects.taskReported('recorder', 'x'.repeat(3400)), randomBytes(100)],
      ] as const;
      for (const [subject, payload] of messages) connection.publish(subject, payload);
      await connection.flush();
      await untilSettled();
      await eventually(async () => expect(await messagesIn(STREAMS.tasks.name)).toBe(0));
      await eventually(async () => expect(await letters()).toBe(before + 4));
    } finally {
      await recorder().postgres.query('ALTER TABLE task_checkpoints DROP CONSTRAINT fault');
      await recorder().postgres.query('ALTER TABLE dead_letters DROP CONSTRAINT fault');
    }
  });
});
