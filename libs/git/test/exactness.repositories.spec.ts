import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { runGit } from '../src/run/run-git.js';
import { git, makeSite, write, type Site } from '../testing/repositories.js';
import { capture, expectRoundTrip, listing, restore } from '../testing/round-trip.js';

describe('a restored worktree is the lost one: repositories', () => {
  let site: Site;
  afterEach(() => site.remove());

  it('SHA-256', async () => {
    site = makeSite(undefined, ['--object-format=sha256']);
    write(site.workDir, 'src/a.txt', 'changed\n');
    const { captured } = await expectRoundTrip(site);
    expect(captured.treeSha).toHaveLength(64);
    git(site.workDir, 'remote', 'remove', 'origin');
    const alone = await restore(site, await capture(site), { name: 'alone', withoutMirror: true });
    expect(listing(alone.worktreeDir)).toBe(listing(site.workDir));
  });

  it('a shallow clone', async () => {
    site = makeSite();
    addCommits(3);
    recloneWith('--depth=1');
    write(site.workDir, 'src/a.txt', 'changed\n');
    await expectRoundTrip(site);
  });

  it('a shallow clone with a local commit', async () => {
    site = makeSite();
    addCommits(3);
    recloneWith('--depth=1');
    write(site.workDir, 'src/a.txt', 'committed\n');
    git(site.workDir, 'commit', '-qam', 'local');
    write(site.workDir, 'readme.md', 'changed\n');
    await expectRoundTrip(site);
  });

  it('a partial clone, with what it lacks neither fetched nor lost', async () => {
    site = makeSite({ 'in/a.txt': 'a\n', 'out/b.txt': 'b\n' });
    git(site.originDir, 'config', 'uploadpack.allowFilter', 'true');
    recloneWith('--filter=blob:none', '--sparse');
    git(site.workDir, 'sparse-checkout', 'set', 'in');
    write(site.workDir, 'in/a.txt', 'changed\n');
    write(site.workDir, 'out/beside-what-is-missing.txt', 'new\n');
    const missing = (): string => git(site.workDir, 'rev-list', '--objects', '--all', '--missing=print');
    const before = missing();
    const captured = await capture(site);
    expect(missing()).toBe(before);
    expect(captured.filesChanged).toBe(2);
    await runGit({
      purpose: 'reading what is missing',
      gitDir: join(site.workDir, '.git'),
      args: ['cat-file', 'blob', git(site.originDir, 'rev-parse', 'main:out/b.txt')],
      expectedExitCodes: [128],
    });
    expect(missing()).toBe(before);
    const restored = await restore(site, captured);
    expect(readFileSync(join(restored.worktreeDir, 'out/b.txt'), 'utf8')).toBe('b\n');
  });

  it('a worktree of a worktree', async () => {
    site = makeSite();
    const linked = join(site.dir, 'linked');
    git(site.workDir, 'worktree', 'add', '-q', '-b', 'one', linked);
    const nested = join(site.dir, 'nested');
    git(linked, 'worktree', 'add', '-q', '-b', 'two', nested);
    write(nested, 'src/a.txt', 'changed\n');
    write(nested, '.gitignore', '*.log\n');
    write(nested, 'known-to-its-own-index.log', 'kept\n');
    git(nested, 'add', '-f', '.gitignore', 'known-to-its-own-index.log');
    site = { ...site, workDir: nested };
    const { captured } = await expectRoundTrip(site);
    expect(captured.branchName).toBe('two');
  });

  it('a clone that borrows its objects from another', async () => {
    site = makeSite();
    const borrower = join(site.dir, 'borrower');
    git(site.dir, 'clone', '-q', '--shared', site.workDir, borrower);
    git(borrower, 'remote', 'set-url', 'origin', site.originUrl);
    write(borrower, 'src/a.txt', 'changed\n');
    site = { ...site, workDir: borrower };
    await expectRoundTrip(site);
  });

  it('a detached HEAD', async () => {
    site = makeSite();
    git(site.workDir, 'checkout', '-q', '--detach');
    write(site.workDir, 'src/a.txt', 'changed\n');
    const { captured } = await expectRoundTrip(site);
    expect(captured.branchName).toBeNull();
  });

  it('a replaced object, which a patch must not see', async () => {
    site = makeSite();
    const blob = git(site.workDir, 'rev-parse', 'HEAD:src/a.txt');
    write(site.dir, 'other', 'replacement\n');
    git(site.workDir, 'replace', blob, git(site.workDir, 'hash-object', '-w', join(site.dir, 'other')));
    write(site.workDir, 'src/a.txt', 'changed\n');
    await expectRoundTrip(site);
  });

  describe('an operation in progress is captured as it lies on disk, and reported', () => {
    it.each([
      ['merge', ['merge', 'other']],
      ['rebase', ['rebase', 'other']],
      ['cherry-pick', ['cherry-pick', 'other']],
    ])('%s', async (_, command) => {
      site = makeSite();
      git(site.workDir, 'checkout', '-q', '-b', 'other');
      write(site.workDir, 'src/a.txt', 'theirs\n');
      write(site.workDir, 'theirs.txt', 'theirs\n');
      git(site.workDir, 'rm', '-q', 'readme.md');
      git(site.workDir, 'add', '-A');
      git(site.workDir, 'commit', '-qm', 'theirs');
      git(site.workDir, 'checkout', '-q', 'main');
      write(site.workDir, 'src/a.txt', 'ours\n');
      write(site.workDir, 'readme.md', 'changed here, deleted there\n');
      git(site.workDir, 'commit', '-qam', 'ours');
      expect(() => git(site.workDir, ...command)).toThrow();
      const { captured } = await expectRoundTrip(site);
      expect(captured.omissions).toEqual([{ path: '.', reason: 'operation-in-progress' }]);
    });
  });

  function addCommits(count: number): void {
    for (let n = 0; n < count; n += 1)
      git(site.workDir, 'commit', '-q', '--allow-empty', '-m', `commit ${n}`);
    git(site.workDir, 'push', '-q', 'origin', 'main');
  }

  function recloneWith(...options: string[]): void {
    rmSync(site.workDir, { recursive: true });
    git(site.dir, 'clone', '-q', ...options, site.originUrl, site.workDir);
  }
});
