import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { filesOnDisk } from '../../testing/files-on-disk.js';
import { makeSite, write, type Site } from '../../testing/repositories.js';
import { capture, restore } from '../../testing/round-trip.js';

describe('tracked files behind a loop of links', () => {
  let site: Site;
  beforeEach(() => {
    site = makeSite({ 'a/b/tracked.txt': 'tracked\n', 'other.txt': 'other\n' });
  });
  afterEach(() => site.remove());

  const makeLoop = () => {
    rmSync(join(site.workDir, 'a'), { recursive: true });
    symlinkSync('a', join(site.workDir, 'a'));
    write(site.workDir, '.gitignore', 'a\n');
  };

  // Found by the property test, seed 20261123: git warns, and takes them for unchanged.
  it('are gone, also when the link is ignored', async () => {
    makeLoop();
    const restored = await restore(site, await capture(site));
    expect(Object.keys(filesOnDisk(restored.worktreeDir)).toSorted()).toEqual(['.gitignore', 'other.txt']);
  });

  it('are gone when a capture knew them as new', async () => {
    write(site.workDir, 'a/b/new.txt', 'new\n');
    await capture(site);
    makeLoop();
    const restored = await restore(site, await capture(site));
    expect(Object.keys(filesOnDisk(restored.worktreeDir)).toSorted()).toEqual(['.gitignore', 'other.txt']);
  });
});
