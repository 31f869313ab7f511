import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { temporaryFolder } from '#testing';
import { changedFiles } from './changed-files.js';

/** In pieces that end anywhere, as slices do. */
const inPieces = (diff: Buffer, sizeBytes = 7) =>
  Readable.from(
    Array.from({ length: Math.ceil(diff.length / sizeBytes) }, (_, index) =>
      diff.subarray(index * sizeBytes, (index + 1) * sizeBytes),
    ),
  );

const filesOf = (text: string, limit = 100) => changedFiles(inPieces(Buffer.from(text)), limit);

describe('changedFiles', () => {
  it('reads what git writes', async () => {
    const folder = temporaryFolder();
    const git = (...args: string[]) =>
      execFileSync('git', ['-C', folder, '-c', 'user.name=a', '-c', 'user.email=a@b', ...args]);
    const write = (name: string, content: string | Buffer) => writeFileSync(join(folder, name), content);
    git('init', '--quiet');
    write('edited', 'one\ntwo\nthree\n');
    write('gone', '-- not a head\n');
    write('program', 'true\n');
    write('becomes a link', 'text\n');
    git('add', '.');
    git('commit', '--quiet', '--message=base');
    write('edited', 'one\n-- two\n++ three\n@@ -1 +1 @@\ndiff --git a/x b/x');
    rmSync(join(folder, 'gone'));
    chmodSync(join(folder, 'program'), 0o755);
    rmSync(join(folder, 'becomes a link'));
    symlinkSync('edited', join(folder, 'becomes a link'));
    write('ümlaut "quoted"\t\\', 'new\n');
    mkdirSync(join(folder, 'with b'));
    write('with b/ space', 'new\n');
    write('picture', Buffer.from([0, 1, 2, 3, 255]));
    write('empty', '');
    git('add', '.');
    const diff = execFileSync('git', [
      '-C',
      folder,
      'diff-index',
      '-p',
      '--binary',
      '--full-index',
      '--no-renames',
      '--cached',
      'HEAD',
    ]);
    const files = await changedFiles(inPieces(diff), 100);
    const inOrder = files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
    const file = (path: string, status: string, added: number, removed: number, binary = false) => ({
      path,
      status,
      added,
      removed,
      binary,
    });
    expect(inOrder).toEqual([
      file('becomes a link', 'modified', 1, 1),
      file('edited', 'modified', 4, 2),
      file('empty', 'added', 0, 0),
      file('gone', 'deleted', 0, 1),
      file('picture', 'added', 0, 0, true),
      file('program', 'modified', 0, 0),
      file('with b/ space', 'added', 1, 0),
      file('ümlaut "quoted"\t\\', 'added', 1, 0),
    ]);
  });

  it('reads nothing out of nothing, and no more than it should', async () => {
    expect(await filesOf('')).toEqual([]);
    const many = Array.from({ length: 5 }, (_, index) => `diff --git a/${index} b/${index}\n`).join('');
    expect((await filesOf(many, 3)).map(({ path }) => path)).toEqual(['0', '1', '2']);
  });

  it('passes over a line of any length', async () => {
    const long = `+${'x'.repeat(200_000)}\n`;
    const head = 'diff --git a/long b/long\nindex 1..2\n--- a/long\n+++ b/long\n@@ -0,0 +1,2 @@\n';
    expect(await changedFiles(inPieces(Buffer.from(head + long + long), 65_536), 9)).toMatchObject([
      { path: 'long', added: 2 },
    ]);
  });
});
