import { beforeAll, describe, expect } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { subjects } from '#contracts';
import { STREAMS } from '#messaging';
import { eventually, useStack, useTcpProxy } from '#testing';
import { fault } from '../testing/fault.js';
import { madeCheckpoint, madeCheckpoints, useRecorder } from '../testing/use-recorder.js';

describe('Postgres and the outbox', () => {
  const stack = useStack({ ingestReplicas: 1, daemonIds: [] });
  const recorder = useRecorder(stack);
  const proxy = useTcpProxy(() => stack().postgres.port);

  const ingest = () => stack().apps.find(({ app }) => app === 'checkpoint-ingest')!;
  const throughProxy = () => ({ DATABASE_URL: proxy().inFrontOf(stack().postgres.url) });
  const startAgain = (environment: Record<string, string> = {}) =>
    stack().startService('checkpoint-ingest', 'checkpoint-ingest-1', environment);

  // Their relays would do what that of ingest leaves undone.
  beforeAll(async () => {
    const others = stack().apps.filter(({ app }) => app !== 'checkpoint-ingest');
    await Promise.all(others.map((other) => other.stop()));
  });

  async function outboxRows(): Promise<number> {
    const { rows } = await recorder().postgres.query('SELECT count(*)::int AS count FROM outbox');
    return rows[0].count;
  }

  /** Nothing is left to handle or to publish. */
  async function untilSettled(): Promise<void> {
    await recorder().untilSettled();
    await eventually(async () => expect(await outboxRows()).toBe(0));
  }

  fault('F21', 'a slow transaction commits a lower outbox id later: still published', async () => {
    const { nats, postgres } = recorder();
    const taskId = uuidv7();
    const subject = subjects.event('recorder', taskId, 'task-started');
    const published: string[] = [];
    const connection = await nats.connection();
    connection.subscribe(subject, {
      callback: (_error, message) => void published.push(message.string()),
    });
    await connection.flush();
    const insert = 'INSERT INTO outbox (task_id, subject, message_id, payload) VALUES ($1, $2, $3, $4)';
    const slow = await postgres.connect();
    await slow.query('BEGIN');
    await slow.query(insert, [taskId, subject, uuidv7(), '"lower id"']);
    await postgres.query(insert, [taskId, subject, uuidv7(), '"higher id"']);
    await eventually(() => expect(published).toEqual(['"higher id"']));
    await slow.query('COMMIT');
    slow.release();
    await eventually(() => expect(published).toEqual(['"higher id"', '"lower id"']));
    await eventually(async () => expect(await outboxRows()).toBe(0));
  });

  fault('F19', 'the connection is cut during COMMIT: the outcome is read, not guessed', async () => {
    const { task, send, untilRecorded } = recorder();
    await ingest().stop();
    await startAgain(throughProxy());
    const committed = madeCheckpoint(await task());
    let commits = 0;
    let isOurs = false;
    // Postgres gets the COMMIT; its answer never comes back.
    proxy().inspect((bytes) => {
      if (bytes.includes(committed.eventId)) isOurs = true;
      if (!isOurs || !bytes.includes('COMMIT')) return 'forward';
      commits += 1;
      return commits === 1 ? 'cut' : 'forward';
    });
    await send(committed);
    await untilRecorded(committed.taskId, [committed]);
    await eventually(() => expect(commits).toBeGreaterThan(1)); // it came again, and was found

    // Postgres never got it: nothing is stored, so it is stored by the next try.
    const lost = madeCheckpoint(await task());
    let cuts = 0;
    isOurs = false;
    proxy().inspect((bytes) => {
      if (bytes.includes(lost.eventId)) isOurs = true;
      if (!isOurs || cuts > 0 || !bytes.includes('COMMIT')) return 'forward';
      cuts += 1;
      proxy().cut();
      return 'hold';
    });
    await send(lost);
    await untilRecorded(lost.taskId, [lost]);
    expect(cuts).toBe(1);
    expect(await recorder().deadLetters()).toEqual([]);
    await untilSettled();
  });

  fault('F20', 'SIGKILL between publish and mark: the same event id again, never none', async () => {
    const { nats, task, send, untilRecorded, confirmed } = recorder();
    await ingest().stop();
    await startAgain(throughProxy());
    let isHeld = false;
    proxy().inspect((bytes) => {
      if (!bytes.includes('DELETE FROM outbox')) return 'forward';
      isHeld = true;
      return 'hold';
    });
    const event = madeCheckpoint(await task());
    await send(event);
    await eventually(() => expect(isHeld).toBe(true));
    await ingest().kill();
    proxy().cut();
    expect(await outboxRows()).toBe(1);
    await startAgain();
    await eventually(async () => expect(await outboxRows()).toBe(0));
    await untilRecorded(event.taskId, [event]);
    const manager = await nats.jetStreamManager();
    const { state } = await manager.streams.info(STREAMS.events.name, {
      subjects_filter: subjects.event(event.daemonId, event.taskId, 'checkpoint-stored'),
    });
    expect(Object.values(state.subjects ?? {})).toEqual([1]); // the stream took it once, by its id
    expect(confirmed.filter((eventId) => eventId === event.eventId)).toHaveLength(2);
  });

  fault('F18', 'Postgres is away: nothing is dead-lettered for it, all recorded after', async () => {
    const { task, send, untilRecorded, deadLetters } = recorder();
    const events = madeCheckpoints(await task(), 40);
    await stack().postgres.kill();
    await Promise.all(events.map(send));
    const manager = await recorder().nats.jetStreamManager();
    await eventually(
      async () => {
        const { delivered, config } = await manager.consumers.info(
          STREAMS.checkpoints.name,
          'checkpoint-ingest',
        );
        expect(config.max_deliver).toBe(-1); // minutes away use up no limit
        // Each was tried again and again.
        expect(delivered.consumer_seq).toBeGreaterThan(delivered.stream_seq + 100);
      },
      { timeoutMs: 60_000 },
    );
    await stack().restartPostgres();
    await untilRecorded(events[0]!.taskId, events, 90_000);
    expect(await deadLetters()).toEqual([]);
  });

  fault('F17', 'Postgres is killed again and again under load: what was confirmed is stored', async () => {
    const { task, send, untilRecorded, confirmed, rows } = recorder();
    const events = madeCheckpoints(await task(), 300);
    let sent = 0;
    const load = (async () => {
      for (const event of events) {
        await send(event);
        sent += 1;
      }
    })();
    for (const share of [0.2, 0.5, 0.8]) {
      await eventually(() => expect(sent).toBeGreaterThan(events.length * share));
      await stack().postgres.kill();
      const told = confirmed.filter((eventId) => events.some((event) => event.eventId === eventId));
      await stack().restartPostgres();
      const stored = new Set((await eventually(() => rows(events[0]!.taskId))).map((row) => row.event_id));
      expect(told.filter((eventId) => !stored.has(eventId))).toEqual([]);
    }
    await load;
    await untilRecorded(events[0]!.taskId, events);
  });
});
