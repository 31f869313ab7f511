import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { makeSite, write, type Site } from '../testing/repositories.js';
import { capture, expectRoundTrip } from '../testing/round-trip.js';

describe('a restored worktree is the lost one: names', () => {
  let site: Site;
  afterEach(() => site.remove());

  const NAMES = {
    'with a space': 'a file.txt',
    'with quotes': `it's "quoted" \`so\`.txt`,
    'with a tab': 'a\tb.txt',
    'with a newline': 'a\nb\n.txt',
    'with a backslash': 'a\\b.txt',
    'that begins with a dash': '-rf',
    'that begins with a colon': ':(exclude)x',
    'that is a pattern': '*[!a]?.txt',
    'with 4-byte Unicode': '🦜 parrot.txt',
    'with combining characters': 'cafe\u0301.txt',
    'that ends in a space': 'trailing ',
    'with an arrow': 'a => b {c => d}.txt',
    'that looks like a patch': 'b/dev/null',
  };

  it.each(Object.entries(NAMES))('a name %s', async (_, name) => {
    site = makeSite({ 'readme.md': 'x\n', [`tracked/${name}`]: 'tracked\n', [`gone/${name}`]: 'gone\n' });
    write(site.workDir, `tracked/${name}`, 'changed\n');
    write(site.workDir, name, 'new\n');
    rmSync(join(site.workDir, 'gone'), { recursive: true });
    await expectRoundTrip(site);
  });

  it('odd names that are captured a second time, changed', async () => {
    site = makeSite();
    for (const name of Object.values(NAMES)) write(site.workDir, name, 'new\n');
    await capture(site);
    for (const name of Object.values(NAMES)) write(site.workDir, name, 'changed after a capture\n');
    await expectRoundTrip(site);
  });

  it('a name that is not UTF-8', async () => {
    site = makeSite();
    const name = Buffer.concat([Buffer.from(`${site.workDir}/`), Buffer.from([0x66, 0xfc, 0xff, 0x0a])]);
    writeFileSync(name, 'bytes\n');
    const { restored } = await expectRoundTrip(site);
    const names = readdirSync(Buffer.from(restored.worktreeDir), { encoding: 'buffer' });
    expect(names.some((found) => found.equals(Buffer.from([0x66, 0xfc, 0xff, 0x0a])))).toBe(true);
  });

  it('names that differ only in case', async () => {
    site = makeSite({ 'File.txt': 'one\n', 'file.txt': 'two\n' });
    write(site.workDir, 'FILE.txt', 'three\n');
    write(site.workDir, 'file.txt', 'changed\n');
    await expectRoundTrip(site);
  });

  it('renames, copies and swapped names', async () => {
    site = makeSite({ 'a.txt': 'a\n'.repeat(50), 'b.txt': 'b\n'.repeat(50), 'c.txt': 'c\n'.repeat(50) });
    renameSync(join(site.workDir, 'a.txt'), join(site.workDir, 'x.txt'));
    renameSync(join(site.workDir, 'b.txt'), join(site.workDir, 'a.txt'));
    renameSync(join(site.workDir, 'x.txt'), join(site.workDir, 'b.txt'));
    write(site.workDir, 'copy.txt', readFileSync(join(site.workDir, 'c.txt')));
    renameSync(join(site.workDir, 'c.txt'), join(site.workDir, 'renamed.txt'));
    const { captured } = await expectRoundTrip(site);
    expect(captured.filesChanged).toBe(5);
  });
});
