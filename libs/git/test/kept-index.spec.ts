import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { git, gitBytes, makeSite, write, type Site } from '../testing/repositories.js';
import { capture, expectRoundTrip } from '../testing/round-trip.js';

describe('an index that is kept from capture to capture', () => {
  let site: Site;
  beforeEach(() => {
    site = makeSite();
  });
  afterEach(() => site.remove());

  it('is not trusted after a capture that was killed when it had hashed the files', async () => {
    const previous = await capture(site);
    write(site.workDir, 'src/a.txt', 'edited before the kill\n');
    gitBytes(site.dir, `--git-dir=${site.shadowDir}`, `--work-tree=${site.workDir}`, 'add', 'src/a.txt');
    const { captured } = await expectRoundTrip(site, { previous });
    expect(captured.filesChanged).toBe(1);
  });

  it('is recreated after a capture that found objects missing', async () => {
    write(site.workDir, 'src/a.txt', 'edited\n');
    const { treeSha } = await capture(site);
    const blob = git(site.shadowDir, 'rev-parse', `${treeSha}:src/a.txt`);
    rmSync(join(site.shadowDir, 'objects', blob.slice(0, 2), blob.slice(2)));
    await expect(capture(site)).rejects.toMatchObject({ code: 'GIT_FAILED' });
    const { captured } = await expectRoundTrip(site);
    expect(captured.treeSha).toBe(treeSha);
  });

  it('does without a blob that only the worktree named, and that was lost', async () => {
    write(site.workDir, 'src/a.txt', 'staged\n');
    git(site.workDir, 'add', 'src/a.txt');
    const blob = git(site.workDir, 'rev-parse', ':src/a.txt');
    rmSync(join(site.workDir, '.git/objects', blob.slice(0, 2), blob.slice(2)));
    await expectRoundTrip(site);
  });

  it.each([
    ['ignored', '*.log\n', {}],
    ['larger than what is not tracked may be', '', { untrackedFileLimitBytes: 10 }],
  ])('does not miss a tracked file that was gone and is back: %s', async (_, ignored, limits) => {
    write(site.workDir, '.gitignore', ignored);
    write(site.workDir, 'x.log', 'more than ten bytes\n');
    git(site.workDir, 'add', '-f', '.gitignore', 'x.log');
    const before = await capture(site, limits);
    rmSync(join(site.workDir, 'x.log'));
    const without = await capture(site, limits);
    expect(without.treeSha).not.toBe(before.treeSha);
    expect(await capture(site, limits)).toMatchObject({ treeSha: without.treeSha });
    write(site.workDir, 'x.log', 'more than ten bytes\n');
    expect(await capture(site, limits)).toMatchObject({ treeSha: before.treeSha, omissions: [] });
  });
});
