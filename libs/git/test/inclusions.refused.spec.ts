import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { makeSite, write, type Site } from '../testing/repositories.js';
import { heldBy, IGNORED, reasonsOf } from '../testing/included.js';
import { capture, type Captured } from '../testing/round-trip.js';

describe('rules of what to include that nobody should write', () => {
  let site: Site;
  beforeEach(() => {
    site = makeSite({ '.gitignore': IGNORED, 'src/a.txt': 'one\n' });
  });
  afterEach(() => site.remove());

  const held = (captured: Captured): string[] => heldBy(site, captured);

  it.each([
    ['an empty part', 'node_modules//x/f'],
    ['an empty beginning', '//node_modules/x/f'],
    ['a dot', 'node_modules/./x/f'],
    ['a repository', 'node_modules/.git/config'],
    ['a NUL', 'node_modules/a\0b'],
    ['more than a path can be', `node_modules/${'a'.repeat(200_000)}`],
  ])('%s in a rule costs no capture, and is named', async (_, rule) => {
    write(site.workDir, '.worktreeinclude', `${rule}\n.env.local\n`);
    write(site.workDir, '.env.local', 'A=1\n');
    const captured = await capture(site);
    expect(held(captured)).toEqual(['.env.local', '.worktreeinclude']);
    expect(reasonsOf(captured).join()).toContain('.worktreeinclude: not-used: line 1');
  });

  it('a path behind a link is named', async () => {
    write(site.workDir, '.worktreeinclude', 'node_modules/a/one\n');
    write(site.workDir, 'build/one', 'one\n');
    mkdirSync(join(site.workDir, 'node_modules'));
    symlinkSync('../build', join(site.workDir, 'node_modules/a'));
    const captured = await capture(site);
    expect(held(captured)).toEqual(['.worktreeinclude']);
    expect(reasonsOf(captured)).toEqual([
      'node_modules/a/one: not-used: lies behind a link; name it where it is',
    ]);
  });

  it('are found however long the list of single files is, up to a number', async () => {
    const deep = `node_modules/${'d'.repeat(200)}`;
    const lines = Array.from({ length: 1500 }, (_, at) => `${deep}/${at}`);
    write(site.workDir, '.worktreeinclude', ['node_modules/x/first', ...lines].join('\n'));
    write(site.workDir, 'node_modules/x/first', 'one\n');
    write(site.workDir, `${deep}/500`, 'far down\n');
    const captured = await capture(site);
    expect(held(captured)).toEqual(['.worktreeinclude', `${deep}/500`, 'node_modules/x/first']);
    expect(reasonsOf(captured).join()).toContain('1000 single files are taken at most');
  });
});
