import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fetchMirror } from '../src/mirror/ensure-mirror.js';
import { git, makeSite, write, type Site } from '../testing/repositories.js';
import { capture, expectRoundTrip, mirrorElsewhere, restore } from '../testing/round-trip.js';

describe('captures outlive the collection of garbage', () => {
  let site: Site;
  beforeEach(() => {
    site = makeSite();
  });
  afterEach(() => site.remove());

  const collect = (dir: string): void => {
    git(dir, 'reflog', 'expire', '--expire=now', '--all');
    git(dir, 'gc', '-q', '--prune=now');
  };

  it('of files that were staged, captured, and unstaged', async () => {
    write(site.workDir, 'new.txt', 'new\n');
    git(site.workDir, 'add', '-A');
    const before = await capture(site);
    git(site.workDir, 'reset', '-q');
    collect(site.workDir);
    const { captured } = await expectRoundTrip(site);
    expect(captured.treeSha).toBe(before.treeSha);
  });

  it('of commits that were captured, and dropped', async () => {
    write(site.workDir, 'src/a.txt', 'committed\n');
    git(site.workDir, 'commit', '-qam', 'dropped');
    const before = await capture(site);
    git(site.workDir, 'reset', '-q', '--soft', 'HEAD~1');
    collect(site.workDir);
    const { captured } = await expectRoundTrip(site);
    expect(captured.treeSha).toBe(before.treeSha);
  });

  it('in the shadow: what is anchored stays, and the next capture works', async () => {
    write(site.workDir, 'src/a.txt', 'first\n');
    const first = await capture(site, { anchorRef: 'refs/patchpoint/task/1' });
    write(site.workDir, 'src/a.txt', 'second\n');
    await capture(site, { anchorRef: 'refs/patchpoint/task/2' });
    collect(site.shadowDir);
    expect(git(site.shadowDir, 'rev-parse', 'refs/patchpoint/task/1^{tree}')).toBe(first.treeSha);
    expect(git(site.shadowDir, 'show', 'refs/patchpoint/task/1:src/a.txt')).toBe('first');
    await expectRoundTrip(site);
  });

  it('in a mirror and in a task: what the task and its shadow stand on stays', async () => {
    write(site.workDir, 'src/a.txt', 'changed\n');
    const { worktreeDir, gitDir } = await restore(site, await capture(site), { asTask: true });
    const task = { ...site, workDir: worktreeDir };
    write(worktreeDir, 'more.txt', 'more\n');
    const before = await capture(task);
    collect(await mirrorElsewhere(site));
    collect(gitDir);
    expect((await capture(task)).treeSha).toBe(before.treeSha);
    expect(git(worktreeDir, 'status', '--short')).toBe(' M src/a.txt\n?? more.txt');
  });

  it('which git never begins by itself in a task, however many objects its agent makes', async () => {
    const { worktreeDir, gitDir } = await restore(site, await capture(site), { asTask: true });
    git(worktreeDir, 'commit', '-q', '--allow-empty', '-m', 'an object that is not packed');
    // From the files in this one folder git guesses how many there are: with 28, more than 6,700.
    for (let at = 0; at < 30; at += 1) write(gitDir, `objects/17/${String(at).padStart(38, '0')}`, '');
    git(worktreeDir, '-c', 'gc.autoDetach=false', 'maintenance', 'run', '--auto', '--quiet');
    git(worktreeDir, '-c', 'gc.autoDetach=false', 'gc', '--auto', '--quiet');
    expect(readdirSync(join(gitDir, 'objects', 'pack'))).toEqual([]);
  });

  it('in a mirror: also what the source has dropped, since a task may stand on it', async () => {
    write(site.workDir, 'src/a.txt', 'pushed, then dropped\n');
    git(site.workDir, 'commit', '-qam', 'dropped later');
    git(site.workDir, 'push', '-q', 'origin', 'main');
    const { worktreeDir } = await restore(site, await capture(site), { asTask: true });
    git(site.workDir, 'reset', '-q', '--hard', 'HEAD~1');
    git(site.workDir, 'push', '-q', '-f', 'origin', 'main');
    const mirrorDir = await mirrorElsewhere(site);
    await fetchMirror({ mirrorDir, allowFileProtocol: true });
    collect(mirrorDir);
    for (const pruning of [
      ['prune', '--expire=now'],
      ['repack', '-a', '-d', '-q'],
    ]) {
      expect(() => git(mirrorDir, ...pruning)).toThrow('precious-objects');
    }
    expect(git(worktreeDir, 'log', '-1', '--format=%s')).toBe('dropped later');
    expect(git(worktreeDir, 'fsck', '--full', '--no-dangling')).toBe('');
  });
});
