import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ensureMirror } from '../mirror/ensure-mirror.js';
import { previewRestore } from './preview-restore.js';
import type { ProofRequest } from './prove-tree.js';
import { restorePaths } from './restore-paths.js';
import { makeSite, makeTempDir, write, type Site } from '../../testing/repositories.js';
import { capture } from '../../testing/round-trip.js';

const ended = spawnSync('true').pid;

describe('parts of a checkpoint', () => {
  let site: Site;
  let request: ProofRequest;
  let into: ReturnType<typeof makeTempDir>;

  beforeAll(async () => {
    site = makeSite();
    write(site.workDir, 'src/a.txt', 'changed\r\n');
    write(site.workDir, 'src/run.sh', '#!/bin/sh\n', 0o755);
    write(site.workDir, 'image.bin', Buffer.from([0, 255, 0, 1]));
    write(site.workDir, 'ünïcode "quoted".txt', 'x');
    symlinkSync('a.txt', join(site.workDir, 'src/link'));
    const { baseSha, treeSha, patch } = await capture(site);
    const { mirrorDir } = await ensureMirror({
      mirrorsDir: site.mirrorsDir,
      sourceUrl: site.originUrl,
      allowFileProtocol: true,
    });
    const shadowDir = join(site.dir, 'parts.git');
    request = {
      mirrorDir,
      worktreeDir: '',
      shadowDir,
      baseSha,
      treeSha,
      patch,
      maxUncompressedBytes: 10_000_000,
    };
  });
  afterAll(() => site.remove());

  beforeEach(() => {
    into = makeTempDir();
    request.worktreeDir = join(into.dir, 'here');
  });
  afterEach(() => into.remove());

  it('are listed as a preview, with lines and states, and nothing is written', async () => {
    const files = await previewRestore(request);
    expect(files).toContainEqual({ path: 'image.bin', status: 'added', added: 0, removed: 0, binary: true });
    expect(files).toContainEqual({
      path: 'src/run.sh',
      status: 'added',
      added: 1,
      removed: 0,
      binary: false,
    });
    expect(files.map(({ path }) => path)).toContain('ünïcode "quoted".txt');
    expect(existsSync(request.worktreeDir)).toBe(false);
  });

  it('come back with their bytes, modes and links, and only those that were asked for', async () => {
    const { written } = await restorePaths({ ...request, paths: ['./src/'] });
    expect(written).toEqual(expect.arrayContaining(['src/a.txt', 'src/run.sh', 'src/link']));
    expect(readFileSync(join(request.worktreeDir, 'src/a.txt'), 'utf8')).toBe('changed\r\n');
    expect(statSync(join(request.worktreeDir, 'src/run.sh')).mode & 0o100).toBe(0o100);
    expect(readlinkSync(join(request.worktreeDir, 'src/link'))).toBe('a.txt');
    expect(existsSync(join(request.worktreeDir, 'image.bin'))).toBe(false);
    const again = await restorePaths({ ...request, paths: ['src'] });
    expect(again.written).toEqual([]);
    expect(again.unchanged).toEqual(written);
  });

  it('are never written over something else: then none is', async () => {
    write(request.worktreeDir, 'src/run.sh', 'mine');
    await expect(restorePaths({ ...request, paths: ['image.bin', 'src/run.sh'] })).rejects.toMatchObject({
      code: 'PATH_IN_THE_WAY',
      message: expect.stringContaining('src/run.sh'),
    });
    expect(existsSync(join(request.worktreeDir, 'image.bin'))).toBe(false);
    expect(readFileSync(join(request.worktreeDir, 'src/run.sh'), 'utf8')).toBe('mine');
  });

  it('are never written through a link to another folder', async () => {
    const elsewhere = makeTempDir();
    try {
      write(request.worktreeDir, 'other.txt', '');
      write(elsewhere.dir, leftBeside('a.txt'), 'chan');
      symlinkSync(elsewhere.dir, join(request.worktreeDir, 'src'));
      await expect(restorePaths({ ...request, paths: ['src/a.txt'] })).rejects.toMatchObject({
        code: 'PATH_IN_THE_WAY',
      });
      expect(readdirSync(elsewhere.dir)).toEqual([leftBeside('a.txt')]);
      expect(lstatSync(join(request.worktreeDir, 'src')).isSymbolicLink()).toBe(true);
    } finally {
      elsewhere.remove();
    }
  });

  it('are written again after a kill, of which nothing stays', async () => {
    for (const outcome of ['written', 'unchanged'] as const) {
      write(request.worktreeDir, `src/${leftBeside('a.txt')}`, 'chan');
      expect((await restorePaths({ ...request, paths: ['src/a.txt'] }))[outcome]).toEqual(['src/a.txt']);
      expect(readdirSync(join(request.worktreeDir, 'src'))).toEqual(['a.txt']);
    }
  });

  /** What a process that has ended left of a file that it was writing. */
  function leftBeside(name: string): string {
    const digest = createHash('sha256').update(name).digest('hex').slice(0, 16);
    return `.patchpoint-writing-${digest}-${ended}-0badcafe`;
  }

  it('that do not exist are named', async () => {
    await expect(restorePaths({ ...request, paths: ['src/a.txt', 'src/none'] })).rejects.toMatchObject({
      code: 'PATH_NOT_FOUND',
      message: expect.stringContaining('"src/none"'),
    });
    expect(existsSync(request.worktreeDir)).toBe(false);
  });

  it('differ by mode and by bytes', async () => {
    write(request.worktreeDir, 'src/run.sh', '#!/bin/sh\n', 0o644);
    await expect(restorePaths({ ...request, paths: ['src/run.sh'] })).rejects.toMatchObject({
      code: 'PATH_IN_THE_WAY',
    });
    writeFileSync(join(request.worktreeDir, 'image.bin'), Buffer.from([0, 255, 0, 1]));
    expect(await restorePaths({ ...request, paths: ['image.bin'] })).toMatchObject({
      unchanged: ['image.bin'],
    });
  });
});
