import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { CheckpointCreated, compose, type CheckpointKind } from '#contracts';
import { mayMount, temporaryFolder, useSmallDisk } from '#testing';
import type { SpoolEntry } from './spool-entry.js';
import { Spool, type SpoolFolders } from './spool.js';

const MIB = 1024 * 1024;
const THIRD = 350_000;
const taskId = uuidv7();
let sequence = 0;

function entry(sizeBytes: number, kind: CheckpointKind = 'heartbeat', task = taskId): SpoolEntry {
  sequence += 1;
  const event = compose(CheckpointCreated, {
    eventId: uuidv7(),
    daemonId: 'daemon-1',
    taskId: task,
    attempt: 1,
    sequence,
    kind,
    success: true,
    capturedAt: new Date().toISOString(),
    message: 'wip',
    treeSha: 'a'.repeat(40),
    baseReachable: true,
    patchFormat: 'git-diff',
    patchBaseSha: 'b'.repeat(40),
    patchSha256: 'c'.repeat(64),
    patchSizeBytes: sizeBytes,
    patchUncompressedSizeBytes: sizeBytes,
    patchFilesCount: 1,
    patchTtlHours: 1,
    patchChunkCount: Math.ceil(sizeBytes / (512 * 1024)),
  });
  return { event, patch: randomBytes(sizeBytes), bundle: null };
}

function foldersIn(root: string): SpoolFolders {
  const folders = {
    spool: join(root, 'spool'),
    rejected: join(root, 'rejected'),
    quarantine: join(root, 'quarantine'),
  };
  for (const folder of Object.values(folders)) mkdirSync(folder);
  return folders;
}

const idsOf = (entries: SpoolEntry[]): string[] => entries.map(({ event }) => event.eventId);
const idsIn = (spool: Spool): string[] => spool.pending().map(({ eventId }) => eventId);

describe('a spool at its limit', () => {
  it('evicts older captures once the newer one is on disk, and returns them', async () => {
    const folders = foldersIn(temporaryFolder());
    const spool = await Spool.open(folders, MIB);
    const [first, asked, second, third] = [entry(THIRD), entry(100, 'manual'), entry(THIRD), entry(MIB / 2)];
    for (const each of [first, asked, second]) expect(await spool.put(each)).toEqual([]);
    expect((await spool.put(third)).map(({ eventId }) => eventId)).toEqual(idsOf([first]));
    expect(idsIn(spool)).toEqual(idsOf([asked, second, third]));
    expect(idsIn(await Spool.open(folders, MIB))).toEqual(idsOf([asked, second, third]));
    expect(spool.sizeBytes()).toBeLessThanOrEqual(MIB);
  });

  it('refuses a capture without space, loses nothing, and accepts it when there is space again', async () => {
    const spool = await Spool.open(foldersIn(temporaryFolder()), MIB);
    const others = [entry(THIRD, 'heartbeat', uuidv7()), entry(THIRD, 'heartbeat', uuidv7())];
    for (const each of others) await spool.put(each);
    const late = entry(MIB / 2);
    await expect(spool.put(late)).rejects.toMatchObject({ code: 'SPOOL_FULL' });
    await expect(spool.requireRoom()).rejects.toMatchObject({ code: 'SPOOL_FULL' });
    expect(idsIn(spool)).toEqual(idsOf(others));
    await spool.confirm(others[0]!.event.eventId, { patchSha256: 'c'.repeat(64), bundleSha256: undefined });
    await spool.requireRoom();
    await spool.put(late);
    expect(idsIn(spool)).toEqual(idsOf([others[1]!, late]));
  });
});

const describeWithDisk = mayMount() ? describe : describe.skip;

describeWithDisk('a full disk (needs the right to mount a tmpfs)', () => {
  const mountSmallDisk = useSmallDisk(2 * MIB);
  let disk: string;
  let folders: SpoolFolders;

  beforeEach(() => {
    disk = temporaryFolder();
    mountSmallDisk(disk);
    folders = foldersIn(disk);
  });

  it('refuses the capture, keeps the earlier ones, leaves no part of it, and accepts it when there is space', async () => {
    const spool = await Spool.open(folders, 100 * MIB);
    const asked = entry(MIB / 2, 'manual');
    await spool.put(asked);
    const ballast = join(disk, 'ballast');
    writeFileSync(ballast, randomBytes(MIB));
    const late = entry(MIB);
    await expect(spool.put(late)).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(readdirSync(folders.spool)).toEqual([`${asked.event.eventId}.checkpoint`]);
    rmSync(ballast);
    await spool.put(late);
    expect(idsIn(await Spool.open(folders, 100 * MIB))).toEqual(idsOf([asked, late]));
  });

  it('evicts captures that newer ones on the disk replace', async () => {
    const spool = await Spool.open(folders, 100 * MIB);
    const [first, second, third] = [entry(700_000), entry(700_000), entry(MIB)];
    await spool.put(first);
    await spool.put(second);
    expect((await spool.put(third)).map(({ eventId }) => eventId)).toEqual(idsOf([first]));
    expect(idsIn(spool)).toEqual(idsOf([second, third]));
  });
});
