import { createHash, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import {
  CHUNK_SIZE_BYTES,
  type CarriedConversationFile,
  type CheckpointCreated,
  type CheckpointStored,
} from '#contracts';
import { readConversationSlice } from '#database';
import { eventually } from '#testing';
import { useIngest } from '../testing/use-ingest.js';
import { aCheckpoint } from '../testing/fixtures.js';

const ingest = useIngest();
const PATH = 'projects/{cwdSlug}/one.jsonl';

const sha256Of = (data: Buffer): string => createHash('sha256').update(data).digest('hex');

/** The fields of a message about a conversation of one file, of which it carries the end. */
function talk(
  whole: Buffer,
  fromByte: number,
  file: Partial<CarriedConversationFile> = {},
): Partial<CheckpointCreated> {
  const data = gzipSync(whole.subarray(fromByte));
  return {
    conversation: {
      runner: 'claude-code',
      sessionId: 'one',
      linesCount: 1,
      files: [
        { path: PATH, lengthBytes: whole.length, sha256: sha256Of(whole), generation: 1, fromByte, ...file },
      ],
    },
    conversationData: data.toString('base64'),
    conversationSha256: sha256Of(data),
    conversationSizeBytes: data.length,
  };
}

async function store(event: CheckpointCreated): Promise<CheckpointStored> {
  await ingest.send(event);
  const [announced] = await eventually(() => {
    const found = ingest.told<CheckpointStored>('checkpoint-stored', event.eventId);
    expect(found).not.toEqual([]);
    return found;
  });
  return announced!;
}

/** The same message, with what it carries in the blob store. */
async function asBlob(event: CheckpointCreated): Promise<CheckpointCreated> {
  const data = Buffer.from(event.conversationData!, 'base64');
  await ingest.blobs.putBlob(event.daemonId, event.conversationSha256!, data);
  const conversationChunkCount = Math.ceil(data.length / CHUNK_SIZE_BYTES);
  return { ...event, conversationData: undefined, conversationChunkCount };
}

async function readWhole(taskId: string, lengthBytes: number, generation = 1): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let offset = 0; offset < lengthBytes;) {
    const key = { taskId, attempt: 1, path: PATH, generation };
    const range = { offsetBytes: offset, lengthBytes: Math.min(300_000, lengthBytes - offset) };
    const slice = await readConversationSlice(ingest.database.manager, key, range);
    if (slice === null) throw new Error(`byte ${offset} is not stored`);
    pieces.push(slice);
    offset += slice.length;
  }
  return Buffer.concat(pieces);
}

describe('a conversation', () => {
  it('is stored as it grows, and can be read as it was at each checkpoint', async () => {
    const taskId = await ingest.aRunningTask();
    const whole = randomBytes(2_500_000);
    const lengths = [10, 1_300_000, 1_300_000, 2_500_000];
    let before = 0;
    for (const [index, length] of lengths.entries()) {
      const event = aCheckpoint({ taskId, sequence: index + 1, ...talk(whole.subarray(0, length), before) });
      const sized = event.conversationData!.length > 300_000 ? await asBlob(event) : event;
      expect(await store(sized)).toMatchObject({ conversationSha256: event.conversationSha256 });
      before = length;
    }
    const checkpoints = await ingest.stored(taskId, 4);
    for (const { conversation } of checkpoints) {
      const [file] = conversation!.files;
      expect(file).not.toHaveProperty('fromByte');
      expect(sha256Of(await readWhole(taskId, file!.lengthBytes))).toBe(file!.sha256);
    }
  });

  it('may be carried again from an earlier byte, and rewritten under a new generation', async () => {
    const taskId = await ingest.aRunningTask();
    const whole = Buffer.from('one\ntwo\nthree\n');
    await store(aCheckpoint({ taskId, sequence: 1, ...talk(whole.subarray(0, 4), 0) }));
    await store(aCheckpoint({ taskId, sequence: 2, ...talk(whole.subarray(0, 8), 4) }));
    await store(aCheckpoint({ taskId, sequence: 3, ...talk(whole, 4) }));
    expect((await readWhole(taskId, whole.length)).equals(whole)).toBe(true);
    const other = Buffer.from('six\n');
    await store(aCheckpoint({ taskId, sequence: 4, ...talk(other, 0, { generation: 2 }) }));
    expect((await readWhole(taskId, 4, 2)).equals(other)).toBe(true);
    expect((await readWhole(taskId, whole.length)).equals(whole)).toBe(true);
  });

  it('is left out, and said to be missing, when bytes before it are not there; the files are stored', async () => {
    const taskId = await ingest.aRunningTask();
    const event = aCheckpoint({ taskId, ...talk(Buffer.from('one\ntwo\n'), 4) });
    expect(await store(event)).toMatchObject({ conversationMissing: true, hasPatch: true });
    const [checkpoint] = await ingest.stored(taskId, 1);
    expect(checkpoint!.conversation).toBeNull();
    expect(await store(event)).toMatchObject({ conversationMissing: true });
  });

  it.each<[string, (event: CheckpointCreated) => Partial<CheckpointCreated>, string]>([
    ['other bytes', () => ({ conversationSha256: 'f'.repeat(64) }), 'DIGEST_MISMATCH'],
    ['a false size', () => ({ conversationSizeBytes: 3 }), 'SIZE_MISMATCH'],
    ['more than its files need', () => talk(Buffer.from('one\n'), 0, { lengthBytes: 3 }), 'SIZE_MISMATCH'],
    ['less than its files need', () => talk(Buffer.from('one\n'), 0, { lengthBytes: 5 }), 'SIZE_MISMATCH'],
    [
      'a file that begins behind its end',
      () => talk(Buffer.from('one\n'), 0, { fromByte: 5 }),
      'FIELD_INVALID',
    ],
    ['a path that leaves the home', () => talk(Buffer.from('one\n'), 0, { path: '../a' }), 'FIELD_INVALID'],
    ['no digest', () => ({ conversationSha256: undefined }), 'BAD_SHA'],
  ])('is refused with %s', async (_, change, code) => {
    const taskId = await ingest.aRunningTask();
    const event = aCheckpoint({ taskId, ...talk(Buffer.from('one\n'), 0) });
    await ingest.send({ ...event, ...change(event) });
    await eventually(() =>
      expect(ingest.told('checkpoint-rejected', event.eventId)[0]).toMatchObject({ code }),
    );
    expect(await ingest.stored(taskId, 0)).toEqual([]);
  });
});
