import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { v7 as uuidv7 } from 'uuid';
import { encode, subjects } from '#contracts';
import { DeadLetter } from '#database';
import { eventually } from '#testing';
import { aCheckpoint, patchFields } from '../testing/fixtures.js';
import { hostileMessages } from '../testing/hostile-messages.js';
import { useIngest } from '../testing/use-ingest.js';

const ingest = useIngest();

/** More than the consumer has places. */
const FLOOD = 2100;

/** Sends checkpoints of a good daemon, one after another; each is stored before the next. */
async function storeGood(count: number): Promise<void> {
  const taskId = await ingest.aRunningTask(1, 'good');
  for (let sequence = 1; sequence <= count; sequence++) {
    const event = aCheckpoint({ taskId, daemonId: 'good', sequence });
    await ingest.send(event);
    await eventually(() => expect(ingest.told('checkpoint-stored', event.eventId)).toHaveLength(1), {
      intervalMs: 5,
    });
  }
}

async function publishRaw(messages: readonly { subject: string; payload: Uint8Array }[]): Promise<void> {
  const connection = await ingest.nats.connection();
  for (const { subject, payload } of messages) connection.publish(subject, payload);
  await connection.flush();
}

/** How quickly: `npm run bench:flood`. */
describe('while one daemon does its worst, the checkpoints of another are stored:', () => {
  it('2,100 well-formed checkpoints whose bytes never come wait aside', async () => {
    const taskId = await ingest.aRunningTask(1, 'bad');
    const absent = patchFields(gzipSync(randomBytes(300_000)));
    const waiting = Array.from({ length: FLOOD }, (_, index) => ({
      subject: subjects.checkpointCreated('bad', taskId),
      payload: encode({
        ...aCheckpoint({ taskId, daemonId: 'bad', sequence: index + 1 }, null),
        ...absent,
      }),
    }));
    await publishRaw(waiting);
    await storeGood(20);
    await eventually(async () => expect(await ingest.pending()).toBe(0));
    expect(await ingest.parked('bad')).toBe(FLOOD);
    await ingest.database.manager.query(`DELETE FROM parked_messages`);
  }, 120_000);

  it('2,100 messages of every kind that nobody can store are buried, up to the bound', async () => {
    const taskId = await ingest.aRunningTask(1, 'bad');
    const hostile: { subject: string; payload: Uint8Array }[] = [];
    while (hostile.length < FLOOD) hostile.push(...Object.values(hostileMessages('bad', taskId)));
    await publishRaw(hostile.slice(0, FLOOD));
    await storeGood(20);
    await eventually(
      async () => {
        expect(await ingest.pending()).toBe(0);
        expect(await ingest.parked('bad')).toBe(0);
      },
      { timeoutMs: 90_000 },
    );
    expect(await ingest.database.manager.countBy(DeadLetter, { daemonId: 'bad' })).toBeLessThanOrEqual(500);
  }, 180_000);

  it('more than may wait is refused, and sent again by the spool that still has it', async () => {
    await ingest.database.manager.query(
      `INSERT INTO parked_messages (id, consumer, daemon_id, subject, payload, size_bytes, message_sha256,
                                    reason, sent_at, due_at)
       SELECT gen_random_uuid(), 'checkpoint-ingest', 'full', 'none', '', 0, sha256(n::text::bytea), 'full',
              now(), now() + interval '1 hour'
         FROM generate_series(1, 4096) AS n`,
    );
    const taskId = await ingest.aRunningTask(1, 'full');
    const patch = gzipSync(randomBytes(300_000));
    const event = aCheckpoint({ taskId, daemonId: 'full', eventId: uuidv7() }, patch);
    await ingest.send(event);
    await eventually(async () => expect(await ingest.pending()).toBe(0));
    expect(await ingest.parked('full')).toBe(4096);
    await ingest.blobs.putBlob('full', event.patchSha256!, patch);
    await ingest.send(event);
    await ingest.stored(taskId, 1);
    expect(await ingest.database.manager.countBy(DeadLetter, { daemonId: 'full' })).toBe(0);
    await ingest.database.manager.query(`DELETE FROM parked_messages WHERE daemon_id = 'full'`);
  });
});
