import { chmodSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { git, makeSite, write, type Site } from '../testing/repositories.js';
import { capture, expectRoundTrip } from '../testing/round-trip.js';

describe('a restored worktree is the lost one: modes and links', () => {
  let site: Site;
  afterEach(() => site.remove());

  it('a change of the executable bit alone', async () => {
    site = makeSite();
    chmodSync(join(site.workDir, 'src/a.txt'), 0o755);
    const { captured } = await expectRoundTrip(site);
    expect(captured).toMatchObject({ filesChanged: 1, linesAdded: 0, linesRemoved: 0 });
  });

  it('the executable bit where core.fileMode is off', async () => {
    site = makeSite();
    git(site.workDir, 'config', 'core.fileMode', 'false');
    chmodSync(join(site.workDir, 'src/a.txt'), 0o755);
    await expectRoundTrip(site);
  });

  it('links: dangling, absolute, to a folder, retargeted, and removed', async () => {
    site = makeSite();
    symlinkSync('src', join(site.workDir, 'kept'));
    symlinkSync('src', join(site.workDir, 'removed'));
    git(site.workDir, 'add', '-A');
    git(site.workDir, 'commit', '-qm', 'links');
    git(site.workDir, 'push', '-q', 'origin', 'main');
    rmSync(join(site.workDir, 'kept'));
    symlinkSync('readme.md', join(site.workDir, 'kept'));
    rmSync(join(site.workDir, 'removed'));
    symlinkSync('nowhere/at all', join(site.workDir, 'dangling'));
    symlinkSync('/etc/hostname', join(site.workDir, 'absolute'));
    symlinkSync('../src', join(site.workDir, 'src/loop'));
    const { restored } = await expectRoundTrip(site);
    expect(readlinkSync(join(restored.worktreeDir, 'absolute'))).toBe('/etc/hostname');
  });

  it('links where core.symlinks is off', async () => {
    site = makeSite();
    git(site.workDir, 'config', 'core.symlinks', 'false');
    symlinkSync('readme.md', join(site.workDir, 'link'));
    await expectRoundTrip(site);
  });

  it('a file that became a folder', async () => {
    site = makeSite();
    rmSync(join(site.workDir, 'readme.md'));
    write(site.workDir, 'readme.md/inner/file', 'x\n');
    await expectRoundTrip(site);
  });

  it('a folder that became a file', async () => {
    site = makeSite();
    rmSync(join(site.workDir, 'src'), { recursive: true });
    write(site.workDir, 'src', 'a file now\n');
    await expectRoundTrip(site);
  });

  it('a folder that became a link to one that holds the same files', async () => {
    site = makeSite();
    renameSync(join(site.workDir, 'src'), join(site.workDir, 'moved'));
    symlinkSync('moved', join(site.workDir, 'src'));
    write(site.workDir, 'moved/a.txt', 'edited behind the link\n');
    await expectRoundTrip(site);
  });

  it('a file that became a link, and a link that became a file', async () => {
    site = makeSite();
    rmSync(join(site.workDir, 'readme.md'));
    symlinkSync('src/a.txt', join(site.workDir, 'readme.md'));
    await expectRoundTrip(site);
    git(site.workDir, 'commit', '-qam', 'link');
    git(site.workDir, 'push', '-q', 'origin', 'main');
    rmSync(join(site.workDir, 'readme.md'));
    write(site.workDir, 'readme.md', 'a file again\n');
    await expectRoundTrip(site);
  });

  it('a link to a folder that became a folder', async () => {
    site = makeSite();
    symlinkSync('src', join(site.workDir, 'alias'));
    git(site.workDir, 'add', 'alias');
    git(site.workDir, 'commit', '-qm', 'link');
    git(site.workDir, 'push', '-q', 'origin', 'main');
    rmSync(join(site.workDir, 'alias'));
    write(site.workDir, 'alias/a.txt', 'of its own now\n');
    await expectRoundTrip(site);
  });

  it('untracked files of an earlier capture behind a link that took their folder', async () => {
    site = makeSite();
    write(site.workDir, 'draft/a.txt', 'draft\n');
    await capture(site);
    renameSync(join(site.workDir, 'draft'), join(site.workDir, 'final'));
    symlinkSync('final', join(site.workDir, 'draft'));
    await expectRoundTrip(site);
  });
});
