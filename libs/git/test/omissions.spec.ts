import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { asNobody } from '../testing/as-nobody.js';
import { git, makeSite, write, type Site } from '../testing/repositories.js';
import { capture, listing, restore } from '../testing/round-trip.js';

describe('what a capture leaves out is named with the reason', () => {
  let site: Site;
  beforeEach(() => {
    site = makeSite({ 'readme.md': 'hello\n', 'src/a.txt': 'one\n', '.gitignore': 'ignored/\n*.sock\n' });
  });
  afterEach(() => site.remove());

  it('untracked files over the size limit, at the first capture and when a file grows', async () => {
    write(site.workDir, 'small.bin', 'x'.repeat(100));
    write(site.workDir, 'large.bin', 'x'.repeat(101));
    const limits = { untrackedFileLimitBytes: 100 };
    const first = await capture(site, limits);
    expect(first).toMatchObject({
      filesChanged: 1,
      omissions: [{ path: 'large.bin', reason: 'untracked-too-large' }],
      omissionsCount: 1,
    });
    write(site.workDir, 'small.bin', 'x'.repeat(101));
    const second = await capture(site, limits);
    expect(second).toMatchObject({ filesChanged: 0, omissionsCount: 2 });
    expect((await restore(site, second)).treeSha).toBe(second.treeSha);
  });

  it('a tracked file is captured whatever its size', async () => {
    write(site.workDir, 'src/a.txt', 'x'.repeat(1000));
    expect(await capture(site, { untrackedFileLimitBytes: 100 })).toMatchObject({
      filesChanged: 1,
      omissions: [],
    });
  });

  it('untracked files beyond the sum that is allowed', async () => {
    for (const name of ['a', 'b', 'c']) write(site.workDir, name, 'x'.repeat(40));
    const limits = { untrackedTotalLimitBytes: 100 };
    const expected = { filesChanged: 2, omissions: [{ path: 'c', reason: 'untracked-budget' }] };
    expect(await capture(site, limits)).toMatchObject(expected);
    expect(await capture(site, limits)).toMatchObject(expected);
  });

  it('nested repositories, with and without commits, tracked folders that became one too', async () => {
    for (const name of ['nested', 'deep/nested', 'unborn'])
      git(site.dir, 'init', '-q', join(site.workDir, name));
    git(join(site.workDir, 'nested'), 'commit', '-q', '--allow-empty', '-m', 'inner');
    write(site.workDir, 'nested/file.txt', 'inner\n');
    rmSync(join(site.workDir, 'readme.md'));
    git(site.dir, 'init', '-q', join(site.workDir, 'readme.md'));
    git(join(site.workDir, 'readme.md'), 'commit', '-q', '--allow-empty', '-m', 'inner');
    const captured = await capture(site);
    expect(captured.omissions.map(({ path }) => path).sort()).toEqual([
      'deep/nested',
      'nested',
      'readme.md',
      'unborn',
    ]);
    expect(new Set(captured.omissions.map(({ reason }) => reason))).toEqual(new Set(['nested-repository']));
    expect(captured.filesChanged).toBe(1);
    expect((await restore(site, captured)).treeSha).toBe(captured.treeSha);
  });

  it('linked worktrees inside of the worktree', async () => {
    git(site.workDir, 'worktree', 'add', '-q', '-b', 'inner', join(site.workDir, 'worktrees/inner'));
    expect(await capture(site)).toMatchObject({
      clean: true,
      omissions: [{ path: 'worktrees/inner', reason: 'nested-repository' }],
    });
  });

  describe('submodules', () => {
    let inner: Site;
    beforeEach(() => {
      inner = makeSite();
      const allow = ['-c', 'protocol.file.allow=always'];
      git(site.workDir, ...allow, 'submodule', 'add', '-q', inner.originUrl, 'sub');
      git(site.workDir, 'commit', '-qm', 'submodule');
      git(site.workDir, 'push', '-q', 'origin', 'main');
    });
    afterEach(() => inner.remove());

    it('one that is clean is no omission', async () => {
      expect(await capture(site)).toMatchObject({ clean: true, omissions: [] });
    });

    it('edits inside, which a patch cannot carry', async () => {
      write(site.workDir, 'sub/readme.md', 'edited\n');
      expect(await capture(site)).toMatchObject({
        clean: true,
        omissions: [{ path: 'sub', reason: 'dirty-submodule' }],
      });
    });

    it('a commit inside that was never pushed; the link itself is captured and restored', async () => {
      write(site.workDir, 'sub/readme.md', 'edited\n');
      git(join(site.workDir, 'sub'), 'commit', '-qam', 'local');
      const captured = await capture(site);
      expect(captured).toMatchObject({
        clean: false,
        filesChanged: 1,
        omissions: [{ path: 'sub', reason: 'unpushed-submodule' }],
      });
      const restored = await restore(site, captured);
      expect(git(restored.worktreeDir, 'ls-files', '-s', 'sub')).toContain(
        git(join(site.workDir, 'sub'), 'rev-parse', 'HEAD'),
      );
    });

    it('one that was added or removed since the base', async () => {
      const added = await capture(site, { baseBranch: 'main' });
      git(site.workDir, 'rm', '-q', 'sub');
      const captured = await capture(site);
      expect(captured).toMatchObject({ filesChanged: 2, omissions: [] });
      expect((await restore(site, captured)).treeSha).toBe(captured.treeSha);
      git(site.workDir, 'reset', '-q', '--hard', 'HEAD~1');
      git(site.originDir, 'update-ref', 'refs/heads/main', 'main~1');
      git(site.workDir, 'fetch', '-q');
      git(site.workDir, 'reset', '-q', '--hard', 'ORIG_HEAD');
      const readded = await capture(site);
      expect(readded.treeSha).toBe(added.treeSha);
      expect(readded.filesChanged).toBe(2);
      const restored = await restore(site, readded, { name: 'again', branchName: 'again' });
      expect(restored.treeSha).toBe(added.treeSha);
    });
  });

  it('fifos and sockets, unless an ignore rule matches them', async () => {
    execFileSync('mkfifo', [join(site.workDir, 'src/pipe'), join(site.workDir, 'top')]);
    mkdirSync(join(site.workDir, 'run/deep'), { recursive: true });
    mkdirSync(join(site.workDir, 'ignored'));
    const sockets = ['run/deep/app', 'run/app.sock', 'ignored/app'].map((path) =>
      createServer().listen(join(site.workDir, path)),
    );
    await Promise.all(sockets.map((server) => new Promise((resolve) => server.once('listening', resolve))));
    const expected = [
      { path: 'run/deep/app', reason: 'socket' },
      { path: 'src/pipe', reason: 'fifo' },
      { path: 'top', reason: 'fifo' },
    ];
    const byPath = (a: { path: string }, b: { path: string }): number => a.path.localeCompare(b.path);
    for (const { omissions } of [await capture(site), await capture(site)]) {
      expect(omissions.sort(byPath)).toEqual(expected);
    }
    for (const server of sockets) await new Promise((resolve) => server.close(resolve));
    rmSync(join(site.workDir, 'top'));
    expect((await capture(site)).omissions).toEqual([{ path: 'src/pipe', reason: 'fifo' }]);
  });

  it('a fifo that came beside a changed file since the last capture', async () => {
    await capture(site);
    execFileSync('mkfifo', [join(site.workDir, 'src/pipe')]);
    write(site.workDir, 'src/changed.txt', 'changed\n');
    expect((await capture(site)).omissions).toEqual([{ path: 'src/pipe', reason: 'fifo' }]);
  });

  it('a tracked file that became a fifo', async () => {
    rmSync(join(site.workDir, 'readme.md'));
    execFileSync('mkfifo', [join(site.workDir, 'readme.md')]);
    const captured = await capture(site);
    expect(captured).toMatchObject({ filesChanged: 1, omissions: [{ path: 'readme.md', reason: 'fifo' }] });
    expect((await restore(site, captured)).treeSha).toBe(captured.treeSha);
  });

  it('names that git refuses on some file system', async () => {
    for (const name of ['git~1', '.GIT', 'dir/.git ', '.g\u200cit']) write(site.workDir, `${name}`, 'x\n');
    symlinkSync('readme.md', join(site.workDir, '.gitmodules'));
    write(site.workDir, 'fine.txt', 'x\n');
    const captured = await capture(site);
    expect(captured.filesChanged).toBe(1);
    expect(captured.omissionsCount).toBe(5);
    expect(new Set(captured.omissions.map(({ reason }) => reason))).toEqual(new Set(['unsafe-name']));
    rmSync(join(site.workDir, '.gitmodules'));
    const restored = await restore(site, await capture(site));
    expect(listing(restored.worktreeDir)).toContain('/fine.txt 644');
  });

  it('unreadable files and folders, which keep what they had', async () => {
    await asNobody(site.dir, async () => {
      write(site.workDir, 'half-open/tracked.txt', 'tracked\n');
      git(site.workDir, 'add', '-A');
      git(site.workDir, 'commit', '-q', '-m', 'more');
      write(site.workDir, 'half-open/known.txt', 'captured before\n');
      expect((await capture(site)).filesChanged).toBe(2);

      writeFileSync(join(site.workDir, 'secret'), 'x', { mode: 0 });
      mkdirSync(join(site.workDir, 'closed'), { mode: 0 });
      // Its names can be read, and nothing else of them.
      write(site.workDir, 'half-open/new.txt', 'new\n');
      chmodSync(join(site.workDir, 'half-open'), 0o400);
      write(site.workDir, 'fine.txt', 'x\n');
      const captured = await capture(site);
      expect(captured.filesChanged).toBe(3);
      expect(captured.omissions.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual(
        ['closed', 'half-open/known.txt', 'half-open/new.txt', 'half-open/tracked.txt', 'secret'].map(
          (path) => ({ path, reason: 'unreadable' }),
        ),
      );

      chmodSync(join(site.workDir, 'half-open'), 0o700);
      write(site.workDir, '.gitignore', 'known.txt\n');
      const opened = await capture(site);
      expect(opened.omissions.map(({ path }) => path).toSorted()).toEqual(['closed', 'secret']);
      expect(opened.filesChanged).toBe(4); // .gitignore, fine, new, tracked
    });
  });

  it('no more than a hundred by name, and all by number', async () => {
    for (let n = 0; n < 150; n += 1) write(site.workDir, `big${n}`, 'xx');
    const captured = await capture(site, { untrackedFileLimitBytes: 1 });
    expect(captured.omissions).toHaveLength(100);
    expect(captured.omissionsCount).toBe(150);
  });
});
