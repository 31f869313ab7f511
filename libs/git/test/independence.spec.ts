import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fetchMirror } from '../src/mirror/ensure-mirror.js';
import { takeObjects } from '../src/mirror/share-objects.js';
import { commitAll, workLocally } from '../testing/local-work.js';
import { git, gitBytes, makeSite, write, type Site } from '../testing/repositories.js';
import { capture, mirrorElsewhere, restore, type Captured } from '../testing/round-trip.js';

describe('F34 a folder that was restored for a person', () => {
  let site: Site;
  let captured: Captured;
  let restoredDir: string;

  beforeEach(async () => {
    site = makeSite();
    git(site.workDir, 'tag', '-a', 'v1', '-m', 'a tag');
    git(site.workDir, 'push', '-q', 'origin', 'v1', 'HEAD:refs/heads/other/branch');
    write(site.workDir, 'src/a.txt', 'edited\n');
    captured = await capture(site);
    restoredDir = (await restore(site, captured, { branchName: 'main' })).worktreeDir;
  });
  afterEach(() => site.remove());

  const expectWhole = (dir: string): void => {
    expect(git(dir, 'fsck', '--full', '--no-dangling')).toBe('');
    expect(git(dir, 'status', '--short')).toBe(' M src/a.txt');
  };

  it('keeps working when it is moved, whatever else is restored from the same mirror', async () => {
    const movedDir = join(site.dir, 'moved');
    renameSync(restoredDir, movedDir);
    git(movedDir, 'checkout', '-q', '--detach');
    git(movedDir, 'commit', '-q', '--allow-empty', '-m', 'on no branch');
    await restore(site, captured, { name: 'another' });
    await restore(site, captured, { name: 'a task', asTask: true });
    expect(git(movedDir, 'log', '-1', '--format=%s')).toBe('on no branch');
    expectWhole(movedDir);
  });

  it('outlives every mirror, and so does a copy of it', async () => {
    const copyDir = join(site.dir, 'copy');
    cpSync(restoredDir, copyDir, { recursive: true });
    rmSync(join(site.dir, 'other-machine', 'mirrors'), { recursive: true });
    for (const dir of [restoredDir, copyDir]) {
      expectWhole(dir);
      expect(existsSync(join(dir, '.git/objects/info/alternates'))).toBe(false);
      commitAll(dir, 'went on');
      git(dir, 'gc', '-q', '--prune=now');
      expect(git(dir, 'log', '--format=%s')).toBe('went on\nfirst');
    }
  });

  it('has the source as origin, with its branches, tags and history, on the branch that it had', () => {
    expect(git(restoredDir, 'remote', '-v')).toContain(`origin\t${site.originUrl} (fetch)`);
    expect(git(restoredDir, 'for-each-ref', '--format=%(refname)')).toBe(
      'refs/heads/main\nrefs/remotes/origin/HEAD\nrefs/remotes/origin/main\nrefs/remotes/origin/other/branch\nrefs/tags/v1',
    );
    expect(git(restoredDir, 'describe')).toBe('v1');
    expect(git(restoredDir, 'rev-parse', 'v1^{commit}')).toBe(captured.baseSha);
    expect(git(restoredDir, 'pack-refs', '--all')).toBe('');
    expect(git(restoredDir, 'rev-parse', '--abbrev-ref', 'origin/HEAD')).toBe('origin/main');
    commitAll(restoredDir, 'went on');
    git(restoredDir, 'push', '-q', 'origin', 'main');
    expect(git(site.originDir, 'log', '-1', '--format=%s', 'main')).toBe('went on');
    git(restoredDir, 'fetch', '-q', 'origin');
    expect(git(restoredDir, 'status', '--short', '--branch')).toBe('## main');
  });

  it('has the commits of a bundle for its own too', async () => {
    workLocally(site);
    const withCommits = await capture(site, { anchorRef: 'refs/patchpoint/task/2' });
    const { worktreeDir } = await restore(site, withCommits, { name: 'bundle', fromBundle: true });
    rmSync(join(site.dir, 'other-machine', 'mirrors'), { recursive: true });
    expect(git(worktreeDir, 'fsck', '--full', '--no-dangling')).toBe('');
    expect(git(worktreeDir, 'log', '-1', '--format=%s')).toBe('second local commit');
  });

  it('has tags of tags, and branches whose names are no text, as the source has them', async () => {
    git(site.workDir, 'tag', '-a', 'outer', '-m', 'a tag of a tag', 'v1');
    git(site.workDir, 'push', '-q', 'origin', 'outer');
    execFileSync('sh', ['-c', String.raw`git update-ref "$(printf 'refs/heads/gr\374n')" main`], {
      cwd: site.originDir,
    });
    await fetchMirror({ mirrorDir: await mirrorElsewhere(site), allowFileProtocol: true });
    const { worktreeDir } = await restore(site, captured, { name: 'again' });
    expect(git(worktreeDir, 'show-ref', '--tags', '--dereference')).toBe(
      git(site.originDir, 'show-ref', '--tags', '--dereference'),
    );
    const names = gitBytes(worktreeDir, 'for-each-ref', '--format=%(refname)', 'refs/remotes/').toString(
      'latin1',
    );
    expect(names).toContain('refs/remotes/origin/gr\u00fcn\n');
  });

  it('begins where the source begins that is itself a shallow clone', async () => {
    git(site.workDir, 'commit', '-q', '--allow-empty', '-m', 'second');
    git(site.workDir, 'push', '-q', 'origin', 'main');
    const shallowDir = join(site.dir, 'shallow');
    git(site.dir, 'clone', '-q', '--depth=1', site.originUrl, shallowDir);
    const shallow = { ...site, originDir: shallowDir, originUrl: `file://${shallowDir}` };
    const later = await capture(site, { anchorRef: 'refs/patchpoint/task/2' });
    for (const asTask of [false, true]) {
      const restored = await restore(shallow, later, { name: `shallow-${asTask}`, asTask });
      expect(git(restored.worktreeDir, 'log', '--format=%s')).toBe('second');
      expectWhole(restored.worktreeDir);
    }
  });

  it('costs no space for objects beside its mirror, and has copies on another file system', async () => {
    const mirrorDir = await mirrorElsewhere(site);
    const packs = join('objects', 'pack');
    const pack = readdirSync(join(mirrorDir, packs)).find((name) => name.endsWith('.pack'));
    const original = statSync(join(mirrorDir, packs, pack!));
    expect(statSync(join(restoredDir, '.git', packs, pack!)).ino).toBe(original.ino);
    const places = [site.dir, '/dev/shm'].filter((place) => existsSync(place));
    for (const place of places) {
      const gitDir = mkdtempSync(join(place, 'patchpoint-git-'));
      try {
        git(gitDir, 'init', '-q', '--bare');
        await takeObjects(mirrorDir, gitDir);
        const taken = statSync(join(gitDir, packs, pack!));
        expect(taken.size).toBe(original.size);
        expect(taken.dev === original.dev).toBe(taken.ino === original.ino);
        expect(git(gitDir, 'cat-file', '-t', captured.baseSha)).toBe('commit');
      } finally {
        rmSync(gitDir, { recursive: true });
      }
    }
  });
});
