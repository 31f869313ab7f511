import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { CheckpointCreated, compose } from '#contracts';
import { temporaryFolder } from '#testing';
import { flipBit } from '../../testing/flip-bit.js';
import type { SpoolEntry } from './spool-entry.js';
import { Spool, type SpoolFolders } from './spool.js';

const LIMIT_BYTES = 1024 * 1024;

const patch = Buffer.from('a patch that travels as a blob');
const conversation = Buffer.from('what was said');
const bundle = Buffer.from('# v2 git bundle');
const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const stored = { patchSha256: digest(patch), bundleSha256: digest(bundle) };

function entry(): SpoolEntry {
  const event = compose(CheckpointCreated, {
    eventId: uuidv7(),
    daemonId: 'daemon-1',
    taskId: uuidv7(),
    attempt: 1,
    sequence: 1,
    kind: 'heartbeat',
    success: true,
    capturedAt: new Date().toISOString(),
    message: 'wip',
    treeSha: 'a'.repeat(40),
    patchFormat: 'git-diff',
    patchBaseSha: 'b'.repeat(40),
    patchSha256: stored.patchSha256,
    patchSizeBytes: patch.length,
    patchUncompressedSizeBytes: 99,
    patchFilesCount: 1,
    patchTtlHours: 1,
    patchChunkCount: 1,
    bundleSha256: stored.bundleSha256,
    bundleSizeBytes: bundle.length,
    bundleChunkCount: 1,
  });
  return { event, patch, bundle, conversation };
}

beforeAll(() => Logger.overrideLogger(false));

describe('Spool', () => {
  let folders: SpoolFolders;
  let damaged: string[];
  const open = async (): Promise<Spool> => {
    const spool = await Spool.open(folders, LIMIT_BYTES);
    spool.onDamaged(({ eventId }) => damaged.push(eventId));
    return spool;
  };

  beforeEach(() => {
    const root = temporaryFolder();
    folders = {
      spool: join(root, 'spool'),
      rejected: join(root, 'rejected'),
      quarantine: join(root, 'quarantine'),
    };
    for (const folder of Object.values(folders)) mkdirSync(folder as string);
    damaged = [];
  });

  it('keeps entries across a restart, in the order in which they were put', async () => {
    const entries = [entry(), entry(), entry()];
    const before = await open();
    for (const each of entries) await before.put(each);
    const after = await open();
    expect(after.pending().map(({ eventId }) => eventId)).toEqual(entries.map(({ event }) => event.eventId));
    expect(await after.read(entries[1]!.event.eventId)).toEqual(entries[1]);
  });

  it('drops an entry only when it is confirmed with the patch and bundle that were captured', async () => {
    const spool = await open();
    const { event } = entry();
    await spool.put({ event, patch, bundle });
    expect(await spool.confirm(event.eventId, { ...stored, patchSha256: 'f'.repeat(64) })).toBe(false);
    expect(await spool.confirm(event.eventId, { ...stored, bundleSha256: undefined })).toBe(false);
    expect(spool.pending()).toHaveLength(1);
    expect(await spool.confirm(event.eventId, stored)).toBe(true);
    expect(await spool.confirm(event.eventId, stored)).toBe(false);
    expect((await open()).pending()).toEqual([]);
  });

  it('keeps a rejected entry, with the reason next to it', async () => {
    const spool = await open();
    const { event } = entry();
    await spool.put({ event, patch, bundle });
    await spool.reject(event.eventId, { code: 'TASK_NOT_FOUND', message: 'no such task' });
    await spool.reject(event.eventId, { code: 'TASK_NOT_FOUND', message: 'no such task' });
    expect(spool.pending()).toEqual([]);
    expect(readdirSync(folders.rejected).sort()).toEqual([
      `${event.eventId}.checkpoint`,
      `${event.eventId}.reason.json`,
    ]);
  });

  it.each([0, 40, 90, 200, -1])(
    'detects a flipped bit (at %i), quarantines the entry, keeps the others',
    async (at) => {
      const [bad, good] = [entry(), entry()];
      const before = await open();
      await before.put(bad);
      await before.put(good);
      const path = join(folders.spool, `${bad.event.eventId}.checkpoint`);
      const bytes = readFileSync(path);
      const index = at < 0 ? bytes.length + at : at;
      bytes[index]! ^= 1;
      writeFileSync(path, bytes);
      const spool = await open();
      expect(spool.pending().map(({ eventId }) => eventId)).toEqual([good.event.eventId]);
      expect(damaged).toEqual([bad.event.eventId]);
      expect(readdirSync(folders.quarantine)).toEqual([`${bad.event.eventId}.checkpoint`]);
    },
  );

  it('reports each damaged entry once, whether it is found while opening or when read', async () => {
    const [atOpen, atRead] = [entry(), entry()];
    const before = await open();
    await before.put(atOpen);
    await before.put(atRead);
    flipBit(join(folders.spool, `${atOpen.event.eventId}.checkpoint`));
    const spool = await open();
    flipBit(join(folders.spool, `${atRead.event.eventId}.checkpoint`));
    expect(await spool.read(atRead.event.eventId)).toBeUndefined();
    expect(await spool.read(atRead.event.eventId)).toBeUndefined();
    expect(damaged).toEqual([atOpen.event.eventId, atRead.event.eventId]);
    expect(spool.pending()).toEqual([]);
  });

  it('never offers a half-written entry', async () => {
    writeFileSync(join(folders.spool, '.123.partial'), 'half of an entry');
    const { event } = entry();
    writeFileSync(join(folders.spool, `${event.eventId}.checkpoint`), '');
    const spool = await open();
    expect(spool.pending()).toEqual([]);
    expect(readdirSync(folders.spool)).toEqual([]);
  });
});
