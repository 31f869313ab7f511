import { describe, expect } from '@jest/globals';
import { subjects, type BlobsMissing } from '#contracts';
import { eventually, useStack, useTcpProxy } from '#testing';
import { fault } from '../testing/fault.js';
import { messagesForIngest } from '../testing/messages-for-ingest.js';
import {
  blobSubject,
  checkpointWithBlob,
  madeCheckpoint,
  madeCheckpoints,
  useRecorder,
} from '../testing/use-recorder.js';

describe('checkpoint-ingest', () => {
  const stack = useStack({ ingestReplicas: 1, daemonIds: [] });
  const recorder = useRecorder(stack);
  const natsProxy = useTcpProxy(() => stack().nats.port);

  const ingest = (name = 'checkpoint-ingest-1') => stack().apps.find((app) => app.name === name)!;
  const restart = (environment: Record<string, string> = {}) =>
    stack().startService('checkpoint-ingest', 'checkpoint-ingest-1', environment);

  fault('F13', 'a blob is missing or tampered with: asked for again, or DIGEST_MISMATCH', async () => {
    const { nats, task, send, untilRecorded, untilSettled } = recorder();
    const connection = await nats.connection();
    const missing = checkpointWithBlob(await task());
    const asked: string[] = [];
    connection.subscribe(subjects.blobsMissing(missing.event.daemonId, missing.event.taskId), {
      callback: (_error, message) => void asked.push(message.json<BlobsMissing>().checkpointEventId),
    });
    await connection.flush();
    await send(missing.event);
    await eventually(() => expect(asked).toContain(missing.event.eventId));
    // It waits aside, and holds no place that another's checkpoint could need.
    await eventually(async () => expect(await recorder().parked()).toBe(1));
    await untilSettled();
    await connection.request(blobSubject(missing.event), missing.chunk);
    await untilRecorded(missing.event.taskId, [missing.event]);
    await eventually(async () => expect(await recorder().parked()).toBe(0));

    const tampered = checkpointWithBlob(await task());
    tampered.chunk[1000]! ^= 1;
    await connection.request(blobSubject(tampered.event), tampered.chunk);
    await send(tampered.event);
    await eventually(async () =>
      expect(await recorder().deadLetters()).toEqual([
        { code: 'DIGEST_MISMATCH', event_id: tampered.event.eventId },
      ]),
    );
    expect(await recorder().rows(tampered.event.taskId)).toEqual([]);
  });

  fault('F22', 'a poison message among good ones: a dead letter; the others flow', async () => {
    const { nats, task, send, untilRecorded, untilSettled } = recorder();
    const before = await recorder().deadLetters();
    const good = madeCheckpoints(await task(), 20);
    await Promise.all(good.slice(0, 10).map(send));
    const poison = madeCheckpoint(good[0]!.taskId, 99);
    const connection = await nats.connection();
    await connection.request(
      `patchpoint.v1.checkpoint.created.${poison.daemonId}.${poison.taskId}`,
      JSON.stringify({ ...poison, treeSha: 'not a sha' }),
    );
    await Promise.all(good.slice(10).map(send));
    await untilRecorded(good[0]!.taskId, good);
    await eventually(async () =>
      expect((await recorder().deadLetters()).slice(before.length)).toEqual([
        { code: 'BAD_SHA', event_id: poison.eventId },
      ]),
    );
    await untilSettled();
  });

  fault(
    'F14',
    'SIGKILL before the commit, and between commit and acknowledgment: redelivered, one row',
    async () => {
      const { task, send, untilRecorded, untilSettled, rows } = recorder();
      await ingest().stop();
      await restart({ NATS_URL: natsProxy().inFrontOf(stack().nats.url) });

      // Before: the row of its task is locked, so that its transaction waits.
      const before = madeCheckpoint(await task());
      const unlock = await recorder().lockTask(before.taskId);
      await send(before);
      await eventually(async () => {
        const { rowCount } = await recorder().postgres.query(
          `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'`,
        );
        expect(rowCount).toBe(1);
      });
      await ingest().kill();
      await unlock();
      await restart({ NATS_URL: natsProxy().inFrontOf(stack().nats.url) });

      // Between: what it says to NATS does not arrive, the acknowledgment among it.
      const between = madeCheckpoint(await task());
      natsProxy().inspect((bytes) => (bytes.includes('$JS.ACK') ? 'hold' : 'forward'));
      await send(between);
      await eventually(async () => expect(await rows(between.taskId)).toHaveLength(1));
      await ingest().kill();
      natsProxy().heal();
      await restart();
      await untilRecorded(before.taskId, [before]);
      await untilRecorded(between.taskId, [between]);
      await untilSettled();
      expect(await rows(between.taskId)).toHaveLength(1);

      // The same between parking and acknowledgment: it comes from the stream and from where it waits.
      await ingest().stop();
      await restart({ NATS_URL: natsProxy().inFrontOf(stack().nats.url) });
      const parked = checkpointWithBlob(await task());
      natsProxy().inspect((bytes) => (bytes.includes('$JS.ACK') ? 'hold' : 'forward'));
      await send(parked.event);
      await eventually(async () => expect(await recorder().parked()).toBe(1));
      await ingest().kill();
      natsProxy().heal();
      expect(await messagesForIngest(recorder().nats)).toBe(1);
      await restart();
      await untilSettled();
      expect(await recorder().parked()).toBe(1);
      await (await recorder().nats.connection()).request(blobSubject(parked.event), parked.chunk);
      await recorder().postgres.query('UPDATE parked_messages SET due_at = now()');
      await untilRecorded(parked.event.taskId, [parked.event]);
      await eventually(async () => expect(await recorder().parked()).toBe(0));
    },
    300_000,
  );

  fault('F15', 'one event is sent to eight replicas at once: one row', async () => {
    await startReplicas();
    const { task, send, untilRecorded, untilSettled } = recorder();
    const event = madeCheckpoint(await task());
    await Promise.all(Array.from({ length: 16 }, () => send(event)));
    await untilRecorded(event.taskId, [event]);
    await untilSettled(); // the other fifteen, too
    expect(await recorder().rows(event.taskId)).toHaveLength(1);
  });

  fault('F16', 'eight replicas share one busy task: numbers 1 to n', async () => {
    await startReplicas();
    const { task, send, untilRecorded } = recorder();
    const events = madeCheckpoints(await task(), 600);
    await Promise.all(events.map(send));
    await untilRecorded(events[0]!.taskId, events);
  });

  /** Eight, with the first; those that run already stay. */
  async function startReplicas(): Promise<void> {
    const names = Array.from({ length: 7 }, (_, index) => `checkpoint-ingest-${index + 2}`);
    const missing = names.filter((name) => ingest(name) === undefined);
    await Promise.all(missing.map((name) => stack().startService('checkpoint-ingest', name)));
  }
});
