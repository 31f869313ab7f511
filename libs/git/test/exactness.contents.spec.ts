import { appendFileSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { git, makeSite, write, type Site } from '../testing/repositories.js';
import { capture, expectRoundTrip, MEGABYTE } from '../testing/round-trip.js';

const LINE_ENDS = {
  'lf.txt': 'one\ntwo\n',
  'crlf.txt': 'one\r\ntwo\r\n',
  'mixed.txt': 'one\r\ntwo\nthree\r\n',
};

describe('a restored worktree is the lost one: contents', () => {
  let site: Site;
  afterEach(() => site.remove());

  it('LF, CRLF and mixed line ends', async () => {
    site = makeSite(LINE_ENDS);
    for (const name of Object.keys(LINE_ENDS)) appendFileSync(join(site.workDir, name), 'four\r\nfive\n');
    for (const [name, text] of Object.entries(LINE_ENDS)) write(site.workDir, `new-${name}`, text);
    await expectRoundTrip(site);
  });

  it.each([
    '* text=auto',
    '* text eol=crlf',
    '* text eol=lf',
    '* -text',
    '*.txt text eol=crlf working-tree-encoding=UTF-16LE',
    '* ident',
  ])('line ends under the attributes %s', async (attributes) => {
    site = makeSite({
      ...LINE_ENDS,
      'other.c': 'int a; /* $Id$ */\n',
      '.gitattributes': `${attributes}\n`,
    });
    write(site.workDir, 'crlf.txt', 'changed\r\nlines\r\n');
    write(site.workDir, 'lf.txt', 'changed\nlines\n');
    write(site.workDir, 'other.c', 'int b; /* $Id$ */\r\n');
    write(site.workDir, 'new.txt', 'new\r\nand\nmixed\n'); // of odd length: no UTF-16
    await expectRoundTrip(site);
  });

  it.each(['true', 'input'])('core.autocrlf=%s where it is captured', async (autocrlf) => {
    site = makeSite(LINE_ENDS);
    git(site.workDir, 'config', 'core.autocrlf', autocrlf);
    write(site.workDir, 'crlf.txt', 'changed\r\nlines\r\n');
    write(site.workDir, 'lf.txt', 'changed\nlines\n');
    write(site.workDir, 'new.txt', 'new\r\n');
    await expectRoundTrip(site);
  });

  it.each([
    [
      'attributes that change with the captured state',
      LINE_ENDS,
      { '.gitattributes': '*.txt text eol=crlf\n', 'lf.txt': 'still\nlf\n' },
    ],
    [
      'no newline at the end of a file',
      { 'a.txt': 'one\ntwo\n', 'b.txt': 'one\ntwo' },
      { 'a.txt': 'one\ntwo', 'b.txt': 'one\ntwo\n', 'c.txt': 'only' },
    ],
    [
      'empty files, and files that became empty',
      { 'a.txt': 'one\n', 'b.txt': '' },
      { 'a.txt': '', 'b.txt': 'no longer empty\n', 'c.txt': '' },
    ],
  ])('%s', async (_, committed, written) => {
    site = makeSite(committed);
    for (const [name, text] of Object.entries(written)) write(site.workDir, name, text);
    await expectRoundTrip(site);
  });

  it('binary files, changed and new', async () => {
    site = makeSite({ 'a.bin': randomBytes(5000), 'b.bin': Buffer.from([0, 1, 2]) });
    write(
      site.workDir,
      'a.bin',
      Buffer.concat([randomBytes(100), readFileSync(join(site.workDir, 'a.bin'))]),
    );
    rmSync(join(site.workDir, 'b.bin'));
    write(site.workDir, 'c.bin', randomBytes(5000));
    await expectRoundTrip(site);
  });

  it('files over 10 MB', async () => {
    site = makeSite();
    write(site.workDir, 'random.bin', randomBytes(11 * MEGABYTE));
    write(site.workDir, 'text.txt', 'a line of text\n'.repeat(800_000));
    await expectRoundTrip(site);
  });

  it('an edit of the same size that a copy of the index made later would hide', async () => {
    site = makeSite({ 'a.txt': 'aaaa\n' });
    const file = join(site.workDir, 'a.txt');
    const index = join(site.workDir, '.git/index');
    const earlier = new Date(Math.floor(Date.now() / 1000) * 1000 - 60_000);
    // Git compares whole seconds, of the change time too: both edits have to fall into one.
    const secondOfChange = (): number => Math.floor(statSync(file).ctimeMs / 1000);
    let second: number;
    do {
      writeFileSync(file, 'aaaa\n');
      utimesSync(file, earlier, earlier);
      second = secondOfChange();
      git(site.workDir, 'update-index', '--refresh');
      writeFileSync(file, 'bbbb\n');
      utimesSync(file, earlier, earlier);
    } while (secondOfChange() !== second);
    utimesSync(index, earlier, earlier);
    expect((await capture(site)).filesChanged).toBe(1);
  });
});
