import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { encode, subjects, type CheckpointCreated } from '#contracts';
import { DeadLetter, findTask, listCheckpoints } from '#database';
import { eventually } from '#testing';
import { useIngest } from '../testing/use-ingest.js';
import { aBundle, aCheckpoint, bundleFields } from '../testing/fixtures.js';

const ingest = useIngest();

describe('the same event', () => {
  it('sent to all replicas at once is stored once, and announced each time', async () => {
    const taskId = await ingest.aRunningTask();
    const event = aCheckpoint({ taskId });
    await Promise.all(Array.from({ length: 12 }, () => ingest.send(event)));
    await eventually(() => expect(ingest.told('checkpoint-stored', event.eventId)).toHaveLength(12));
    await ingest.stored(taskId, 1);
    expect(new Set(ingest.told('checkpoint-stored', event.eventId).map((body) => body['eventId'])).size).toBe(
      1,
    );
  });

  it('is confirmed with its digest even when the patch has gone', async () => {
    const taskId = await ingest.aRunningTask();
    const event = aCheckpoint({ taskId });
    await ingest.send(event);
    await ingest.stored(taskId, 1);
    await ingest.database.manager.query('DELETE FROM checkpoint_patches WHERE task_id = $1', [taskId]);
    await ingest.send(event);
    await eventually(() => expect(ingest.told('checkpoint-stored', event.eventId)).toHaveLength(2));
    expect(ingest.told('checkpoint-stored', event.eventId)[1]).toMatchObject({
      patchSha256: event.patchSha256,
    });
  });

  it('with other content is refused as EVENT_CONFLICT; the stored one stays', async () => {
    const taskId = await ingest.aRunningTask();
    const event = aCheckpoint({ taskId });
    await ingest.send(event);
    await ingest.stored(taskId, 1);
    await ingest.send(aCheckpoint({ taskId, eventId: event.eventId, treeSha: 'f'.repeat(40) }));
    await eventually(() =>
      expect(ingest.told('checkpoint-rejected', event.eventId)).toMatchObject([{ code: 'EVENT_CONFLICT' }]),
    );
    expect((await ingest.stored(taskId, 1))[0]).toMatchObject({ treeSha: event.treeSha });
  });

  it('under two tasks at once belongs to one of them', async () => {
    const [first, second] = [await ingest.aRunningTask(), await ingest.aRunningTask()];
    const eventId = uuidv7();
    await Promise.all([first, second].map((taskId) => ingest.send(aCheckpoint({ taskId, eventId }))));
    await eventually(() => expect(ingest.told('checkpoint-rejected', eventId)).toHaveLength(1));
    const counts = await Promise.all(
      [first, second].map(
        async (id) => (await listCheckpoints(ingest.database.manager, id, { limit: 9 })).length,
      ),
    );
    expect(counts.sort()).toEqual([0, 1]);
  });
});

describe('many checkpoints of one task', () => {
  it('are numbered 1 to n by all replicas together', async () => {
    const taskId = await ingest.aRunningTask();
    const all = Array.from({ length: 300 }, (_, index) => aCheckpoint({ taskId, sequence: index + 1 }));
    await Promise.all(all.map(ingest.send));
    const checkpoints = await ingest.stored(taskId, all.length);
    expect(checkpoints.map(({ number }) => number)).toEqual(all.map((_, index) => index + 1));
    expect(await findTask(ingest.database.manager, taskId)).toMatchObject({
      lastCheckpointNumber: all.length,
    });
    await eventually(() => {
      const announced = ingest.events
        .filter(({ subject }) => subject === subjects.event('daemon-1', taskId, 'checkpoint-stored'))
        .map(({ body }) => body['checkpointNumber']);
      expect(announced).toEqual(checkpoints.map(({ number }) => number));
    });
  });
});

describe('poison', () => {
  it('becomes a dead letter and an event; the good ones around it flow', async () => {
    const taskId = await ingest.aRunningTask();
    const good = [1, 2, 3, 4].map((sequence) => aCheckpoint({ taskId, sequence }));
    const patch = gzipSync('text');
    const lone = { path: 'a\ud800', reason: 'a text that JSON can hold and Postgres cannot' };
    const poison: [CheckpointCreated, string][] = [
      [aCheckpoint({ taskId: uuidv7() }), 'TASK_NOT_FOUND'],
      [aCheckpoint({ taskId, attempt: 9 }), 'TASK_STATE_CONFLICT'],
      [aCheckpoint({ taskId, daemonId: 'daemon-2' }), 'IDENTITY_MISMATCH'],
      [aCheckpoint({ taskId, patchSha256: '0'.repeat(64) }, patch), 'DIGEST_MISMATCH'],
      [{ ...aCheckpoint({ taskId }, patch), patchUncompressedSizeBytes: 9 }, 'SIZE_MISMATCH'],
      [aCheckpoint({ taskId }, Buffer.from('no gzip')), 'NOT_GZIP'],
      [aCheckpoint({ taskId, ...bundleFields(Buffer.from('no bundle')) }), 'PATCH_INVALID'],
      [{ ...aCheckpoint({ taskId, ...bundleFields(aBundle()) }), bundleSizeBytes: 9 }, 'SIZE_MISMATCH'],
      [{ ...aCheckpoint({ taskId }), patchData: null as unknown as undefined }, 'SIZE_MISMATCH'],
      [{ ...aCheckpoint({ taskId }), message: 'a\0b' }, 'BAD_TEXT'],
      [{ ...aCheckpoint({ taskId }), omissions: [lone] }, 'BAD_TEXT'],
      [{ ...aCheckpoint({ taskId }), patchFilesCount: 3_000_000_000 }, 'FIELD_INVALID'],
    ];
    await Promise.all(
      [...good.slice(0, 2), ...poison.map(([event]) => event), ...good.slice(2)].map(ingest.send),
    );

    for (const [event, code] of poison) {
      await eventually(() =>
        // At least once, under the same id.
        expect(ingest.told('checkpoint-rejected', event.eventId)[0]).toMatchObject({
          code,
          daemonId: event.daemonId,
        }),
      );
      const letter = await ingest.database.manager.findOneOrFail(DeadLetter, {
        where: { eventId: event.eventId },
        select: { id: true, payload: true, code: true },
      });
      expect(letter).toEqual({
        id: ingest.told('checkpoint-rejected', event.eventId)[0]!['eventId'],
        payload: Buffer.from(encode(event)),
        code,
      });
    }
    expect((await ingest.stored(taskId, 4)).map(({ number }) => number)).toEqual([1, 2, 3, 4]);
    await eventually(async () => expect(await ingest.pending()).toBe(0));
  });

  it('may come on a subject that names no task', async () => {
    const subject = subjects.checkpointCreated('daemon-1', '').replace(/\.$/, '');
    await ingest.publisher.publish(subject, encode(aCheckpoint({ taskId: await ingest.aRunningTask() })));
    const letter = await eventually(() => ingest.database.manager.findOneByOrFail(DeadLetter, { subject }));
    expect(letter).toMatchObject({ code: 'IDENTITY_MISMATCH', daemonId: null, taskId: null });
    await eventually(async () => expect(await ingest.pending()).toBe(0));
  });

  it.each([
    ['no JSON', 'daemon-1', Buffer.from('{'), 'BAD_JSON'],
    ['a body that is not an object', 'daemon-1', Buffer.from('null'), 'BAD_JSON'],
    ['a NUL in a name', 'daemon-1', Buffer.from('{"a\\u0000":"\\u0000"}'), 'BAD_TEXT'],
    ['a subject whose daemon cannot exist', '_x', Buffer.from('{}'), 'FIELD_INVALID'],
    ['a subject whose daemon is too long', 'x'.repeat(100), Buffer.from('{}'), 'FIELD_INVALID'],
  ])('may be anything: %s', async (_, daemonId, payload, code) => {
    const subject = subjects.checkpointCreated(daemonId, `task-${uuidv7()}`);
    await ingest.publisher.publish(subject, payload);
    const letter = await eventually(() => ingest.database.manager.findOneByOrFail(DeadLetter, { subject }));
    expect(letter).toMatchObject({ code, taskId: null, eventId: null });
    await eventually(async () => expect(await ingest.pending()).toBe(0));
  });
});

describe('operation', () => {
  it('is ready, and counts', async () => {
    const url = await ingest.replicas[0]!.getUrl();
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    await eventually(async () =>
      expect(await (await fetch(`${url}/readyz`)).json()).toMatchObject({
        details: { postgres: { status: 'up' }, nats: { status: 'up' } },
      }),
    );
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toMatch(/^patchpoint_checkpoints_total\{result="stored"\} \d+$/m);
    expect(metrics).toMatch(/^patchpoint_checkpoint_commit_rows_count \d+$/m);
    expect(metrics).toMatch(/^patchpoint_checkpoint_store_seconds_count \d+$/m);
  });
});
