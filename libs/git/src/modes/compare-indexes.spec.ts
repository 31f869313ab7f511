import { chmodSync, copyFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { aSecondLater, git, makeSite, write, type Site } from '../../testing/repositories.js';
import { compareIndexes } from './compare-indexes.js';

describe('compareIndexes', () => {
  let site: Site;
  afterEach(() => site.remove());

  const paths = ['a', 'b/c', 'b/d', 'b-e', 'long/'.repeat(60) + 'name', 'z'];

  it.each([
    ['sha1', 20],
    ['sha256', 32],
  ])('finds what is new, what changed its mode alone and what is gone (%s)', async (format, shaBytes) => {
    site = makeSite(Object.fromEntries(paths.map((path) => [path, `${path}\n`])), [
      `--object-format=${format}`,
    ]);
    const index = join(site.workDir, '.git', 'index');
    const older = join(site.dir, 'older');
    copyFileSync(index, older);
    expect(await compareIndexes(older, index, shaBytes)).toEqual({ changed: [], gone: [] });
    await aSecondLater();
    chmodSync(join(site.workDir, 'b/c'), 0o600);
    renameSync(join(site.workDir, 'a'), join(site.workDir, 'c'));
    rmSync(join(site.workDir, 'z'));
    git(site.workDir, 'add', '-A');
    write(site.workDir, 'b/later', 'later\n');
    git(site.workDir, 'add', '--intent-to-add', 'b/later');
    git(site.workDir, 'status'); // refreshes the index
    expect(await compareIndexes(older, index, shaBytes)).toEqual({
      changed: ['b/c', 'b/later', 'c'],
      gone: ['a', 'z'],
    });
  });

  it('does not compare what it cannot read: other versions, split indexes, none', async () => {
    site = makeSite();
    const index = join(site.workDir, '.git', 'index');
    const older = join(site.dir, 'older');
    copyFileSync(index, older);
    git(site.workDir, 'update-index', '--index-version=4');
    expect(await compareIndexes(older, index, 20)).toBeNull();
    git(site.workDir, 'update-index', '--index-version=2');
    git(site.workDir, 'update-index', '--split-index');
    expect(await compareIndexes(older, index, 20)).toBeNull();
    expect(await compareIndexes(join(site.dir, 'none'), older, 20)).toBeNull();
  });
});
