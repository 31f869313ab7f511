import { describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { DeadLetter } from '#database';
import { eventually } from '#testing';
import { aCheckpoint } from '../testing/fixtures.js';
import { hostileMessages } from '../testing/hostile-messages.js';
import { useIngest } from '../testing/use-ingest.js';

const ingest = useIngest();

describe('every message settles', () => {
  it.each(Object.keys(hostileMessages('daemon-1', uuidv7())))('%s', async (kind) => {
    const taskId = await ingest.aRunningTask();
    const { subject, payload } = hostileMessages('daemon-1', taskId)[kind]!;
    await ingest.publisher.publish(subject, payload);
    await eventually(async () => expect(await ingest.pending()).toBe(0), { timeoutMs: 20_000 });
    const buried = await ingest.database.manager.countBy(DeadLetter, { daemonId: 'daemon-1' });
    const withoutDaemon = await ingest.database.manager.countBy(DeadLetter, { subject });
    const stored = await ingest.checkpointsOf(taskId);
    expect(buried + withoutDaemon + stored).toBeGreaterThan(0);
    await ingest.database.manager.deleteAll(DeadLetter);
  });

  it('an event id in capitals, sent twice: stored once, and confirmed twice', async () => {
    const taskId = await ingest.aRunningTask();
    const event = aCheckpoint({ taskId, eventId: uuidv7().toUpperCase() });
    await ingest.send(event);
    await ingest.stored(taskId, 1);
    await ingest.send(event);
    await eventually(() => expect(ingest.told('checkpoint-stored', event.eventId)).toHaveLength(2));
    await eventually(async () => expect(await ingest.pending()).toBe(0));
    await ingest.stored(taskId, 1);
    expect(await ingest.database.manager.count(DeadLetter)).toBe(0);
  });

  it('good checkpoints in the same transaction as bad ones are stored', async () => {
    const taskId = await ingest.aRunningTask();
    const good = Array.from({ length: 40 }, (_, index) => aCheckpoint({ taskId, sequence: index + 1 }));
    const bad = Array.from({ length: 10 }, () => Object.values(hostileMessages('daemon-1', taskId))).flat();
    await Promise.all([
      ...good.map(ingest.send),
      ...bad.map(({ subject, payload }) => ingest.publisher.publish(subject, payload)),
    ]);
    await eventually(async () => expect(await ingest.pending()).toBe(0), { timeoutMs: 60_000 });
    await eventually(() =>
      expect(good.filter(({ eventId }) => ingest.told('checkpoint-stored', eventId).length === 0)).toEqual(
        [],
      ),
    );
  });

  it('a dead letter keeps the beginning of a large message, and how large it was', async () => {
    const subject = 'patchpoint.v1.checkpoint.created.daemon-1.large';
    await ingest.publisher.publish(subject, Buffer.alloc(900_000, 'x'));
    const letter = await eventually(() =>
      ingest.database.manager
        .createQueryBuilder(DeadLetter, 'letter')
        .addSelect('letter.payload')
        .where({ subject })
        .getOneOrFail(),
    );
    expect(letter.payloadSizeBytes).toBe(900_000);
    expect(letter.payload).toEqual(Buffer.alloc(256 * 1024, 'x'));
  });
});
