import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from '@jest/globals';
import { execa } from 'execa';
import { packageFolder } from '#runtime';
import { eventually, temporaryFolder } from '#testing';
import { Spool } from '../../apps/daemon-agent/src/spool/spool.js';
import { fault } from '../testing/fault.js';

const KILLS = 3;
/** What spool-writer.mjs puts into an entry. */
const PATCH_BYTES = 4 * 1024 * 1024;
const LIMIT_BYTES = 1024 * 1024 * 1024;

describe('the spool', () => {
  fault('F1', 'the daemon is killed while it writes: no partial entry is ever sent', async () => {
    const root = temporaryFolder();
    const folders = {
      spool: join(root, 'spool'),
      rejected: join(root, 'rejected'),
      quarantine: join(root, 'quarantine'),
    };
    for (const folder of Object.values(folders)) mkdirSync(folder);
    const kept: string[] = [];
    for (let kill = 1; kill <= KILLS; kill += 1) kept.push(...(await writeUntilKilled(root, folders.spool)));

    const damaged: string[] = [];
    const spool = await Spool.open(folders, LIMIT_BYTES);
    spool.onDamaged(({ reason }) => void damaged.push(reason));
    const pending = spool.pending().map(({ eventId }) => eventId);
    expect(pending).toEqual(expect.arrayContaining(kept));
    expect(damaged).toEqual([]);
    const digests = await Promise.all(pending.map(async (id) => sha256((await spool.read(id))!.patch!)));
    expect(new Set(digests).size).toBeLessThanOrEqual(KILLS); // each life of the writer had one patch
    expect(readdirSync(folders.spool)).toHaveLength(pending.length);
  });
});

/** Kills the writer in the middle of a write; resolves to what it said was kept. */
async function writeUntilKilled(root: string, spool: string): Promise<string[]> {
  const script = join(packageFolder(), 'test/testing/spool-writer.mjs');
  const spoolModule = join(packageFolder(), 'dist/apps/daemon-agent/src/spool/spool.js');
  const writer = execa('node', [script, spoolModule, root], { reject: false, buffer: false });
  let said = '';
  writer.stdout.on('data', (bytes: Buffer) => (said += bytes.toString()));
  await eventually(
    () => {
      expect(said).not.toBe('');
      expect(readdirSync(spool).some((file) => isUnfinished(join(spool, file)))).toBe(true);
    },
    { intervalMs: 1, timeoutMs: 60_000 },
  );
  writer.kill('SIGKILL');
  await writer;
  return said.split('\n').filter(Boolean);
}

/** By its size, whatever its name is: the case must not depend on how a write is made safe. */
function isUnfinished(file: string): boolean {
  const size = statSync(file, { throwIfNoEntry: false })?.size;
  return size !== undefined && size < PATCH_BYTES;
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
