import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { git, makeSite, write, type Site } from '../../testing/repositories.js';
import { readIndexEntries } from './index-entries.js';
import { surveyByGit, surveyIndex } from './survey-index.js';

describe('surveyIndex', () => {
  let site: Site;
  afterEach(() => site.remove());

  const survey = async (objectFormat: 'sha1' | 'sha256') => {
    const indexFile = join(site.workDir, '.git', 'index');
    const index = { gitDir: join(site.workDir, '.git'), workTree: site.workDir, indexFile };
    return { ours: await surveyIndex(index, objectFormat), gits: await surveyByGit(index), indexFile };
  };

  it.each([
    ['sha1', 20],
    ['sha256', 32],
  ] as const)('reads what git says of an index (%s)', async (format, shaBytes) => {
    const paths = ['a', 'b/c', 'b/d', 'b-e', 'long/'.repeat(60) + 'name', 'ä/ö', 'z/y/x'];
    site = makeSite(Object.fromEntries(paths.map((path) => [path, `${path}\n`])), [
      `--object-format=${format}`,
    ]);
    const headSha = git(site.workDir, 'rev-parse', 'HEAD');
    git(site.workDir, 'update-index', '--add', '--cacheinfo', `160000,${headSha},z/sub`);
    git(site.workDir, 'update-index', '--assume-unchanged', 'a', 'b/d');
    git(site.workDir, 'update-index', '--skip-worktree', 'b/c', 'b/d');
    write(site.workDir, 'b/later', 'later\n');
    git(site.workDir, 'add', '--intent-to-add', 'b/later');
    const { ours, gits, indexFile } = await survey(format);
    expect(ours).toEqual(gits);
    expect(ours).toMatchObject({
      submodules: [Buffer.from('z/sub')],
      assumedUnchanged: ['a', 'b/d'].map((path) => Buffer.from(path)),
      skipped: ['b/c', 'b/d'].map((path) => Buffer.from(path)),
    });
    expect(ours.folders).toContain('z/y');
    expect(await readIndexEntries(indexFile, shaBytes)).not.toBeNull();
  });

  it('asks git where the index holds whole folders, or is of another kind', async () => {
    site = makeSite({ 'in/a': 'a\n', 'out/b/c': 'c\n' });
    git(site.workDir, 'sparse-checkout', 'set', '--cone', '--sparse-index', 'in');
    const { ours, indexFile } = await survey('sha1');
    expect(ours.folders).toContain('out/b');
    expect(ours.skipped).toEqual([Buffer.from('out/b/c')]);
    expect(await readIndexEntries(indexFile, 20)).toBeNull();
    git(site.workDir, 'sparse-checkout', 'disable');
    git(site.workDir, 'update-index', '--index-version=4');
    expect((await survey('sha1')).ours.folders).toContain('out/b');
  });
});
