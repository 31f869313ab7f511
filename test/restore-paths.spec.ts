import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect } from '@jest/globals';
import { execaSync } from 'execa';
import { captureWorktree, restorePaths, type ProofRequest } from '#git';
import { temporaryFolder, useSmallDisk } from '#testing';
import { fault } from './testing/fault.js';

const MEBIBYTE = 1024 * 1024;
const PATHS = ['docs', 'large.bin'];

describe('single paths of a checkpoint', () => {
  const home = temporaryFolder();
  const mountSmallDisk = useSmallDisk(12 * MEBIBYTE);
  let request: ProofRequest;

  beforeAll(async () => {
    const worktreeDir = join(home, 'source');
    mkdirSync(join(worktreeDir, 'docs'), { recursive: true });
    execaSync('git', ['init', '--quiet', '--initial-branch=main'], { cwd: worktreeDir });
    writeFileSync(join(worktreeDir, 'docs/first.txt'), 'first');
    writeFileSync(join(worktreeDir, 'large.bin'), randomBytes(6 * MEBIBYTE));
    const shadowDir = join(home, 'shadow');
    const capture = await captureWorktree({
      worktreeDir,
      shadowDir,
      anchorRef: 'refs/patchpoint/test',
      makePatch: true,
      maxPatchBytes: 64 * MEBIBYTE,
      bundle: 'never',
    });
    if (capture.outcome !== 'captured' || capture.patch === null) throw new Error('Nothing was captured.');
    const { baseSha, treeSha, patch } = capture;
    request = {
      mirrorDir: null,
      worktreeDir: '',
      shadowDir,
      baseSha,
      treeSha,
      patch: { format: 'git-diff', data: patch.data, sha256: patch.sha256 },
      maxUncompressedBytes: 64 * MEBIBYTE,
    };
  });

  fault(
    'F36',
    'on a disk that fills up nothing is left, not even a folder, and the retry works',
    async () => {
      const disk = join(home, 'disk');
      mountSmallDisk(disk);
      const ballast = join(disk, 'ballast');
      writeFileSync(ballast, Buffer.alloc(8 * MEBIBYTE));
      const into = { ...request, worktreeDir: join(disk, 'look'), paths: PATHS };

      const error = await restorePaths(into).catch((thrown: Error) => thrown);
      expect(error).toMatchObject({ code: 'CANNOT_WRITE' });
      expect((error as Error).message).toMatch(/large\.bin cannot be written into .*ENOSPC.*Make room/s);
      expect(readdirSync(disk)).toEqual(['ballast']);

      rmSync(ballast);
      expect((await restorePaths(into)).written).toEqual(['docs/first.txt', 'large.bin']);
      expect(digest(join(disk, 'look/large.bin'))).toBe(digest(join(home, 'source/large.bin')));
      expect(readdirSync(join(disk, 'look')).sort()).toEqual(['docs', 'large.bin']);
    },
  );
});

function digest(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
