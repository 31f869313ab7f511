import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { CaptureRequest } from '../src/capture/capture-request.js';
import { type Restored } from '../src/restore/restore-worktree.js';
import { EMPTY_TREE_SHA1 } from '../src/values/sha.js';
import { commitAll, workLocally } from '../testing/local-work.js';
import { git, makeSite, write, type Site } from '../testing/repositories.js';
import { capture, listing, mirrorElsewhere, restore, type Captured } from '../testing/round-trip.js';

describe('a repository restored from a bundle is the lost one', () => {
  let site: Site;
  afterEach(() => site.remove());

  async function expectSameRepository(
    options: Partial<CaptureRequest> & { withoutMirror?: boolean } = {},
  ): Promise<{ captured: Captured; restored: Restored }> {
    const { withoutMirror = false, ...request } = options;
    const captured = await capture(site, request);
    const restored = await restore(site, captured, { fromBundle: true, withoutMirror });
    expect(viewOf(restored.worktreeDir)).toEqual(viewOf(site.workDir));
    expect(restored).toMatchObject({ headSha: captured.headSha, treeSha: captured.treeSha });
    return { captured, restored };
  }

  it('local commits, a push that failed, and dirty files', async () => {
    site = makeSite();
    git(site.workDir, 'checkout', '-q', '-b', 'task/one');
    workLocally(site);
    expect(() => git(site.workDir, 'push', '-q', `file://${site.dir}/gone.git`, 'HEAD')).toThrow();
    const { captured, restored } = await expectSameRepository();
    expect(captured.bundle).toMatchObject({ format: 'git-bundle', commitsCount: 2 });
    expect(restored).toMatchObject({ branchName: 'task/one', commitsCount: 2, filesWritten: 5 });
    expect(git(restored.worktreeDir, 'branch', '--show-current')).toBe('task/one');
    expect(git(restored.worktreeDir, 'fsck', '--strict', '--no-dangling')).toBe('');
  });

  it('from the readable diff as well, with the commits as uncommitted edits', async () => {
    site = makeSite();
    workLocally(site);
    const captured = await capture(site);
    const restored = await restore(site, captured);
    expect(restored).toMatchObject({ headSha: captured.baseSha, commitsCount: 0 });
    expect(listing(restored.worktreeDir)).toBe(listing(site.workDir));
  });

  it('what was staged is not staged any more; untracked stays untracked', async () => {
    site = makeSite();
    workLocally(site);
    git(site.workDir, 'add', 'src/b.txt');
    write(site.workDir, 'src/b.txt', 'and edited again\n');
    const captured = await capture(site);
    const { worktreeDir } = await restore(site, captured, { fromBundle: true });
    expect(git(worktreeDir, 'status', '--short')).toBe(' D readme.md\n M src/b.txt\n?? untracked.bin');
  });

  it('a detached HEAD', async () => {
    site = makeSite();
    git(site.workDir, 'checkout', '-q', '--detach');
    workLocally(site);
    const { captured } = await expectSameRepository();
    expect(captured.branchName).toBeNull();
  });

  it('an unborn HEAD', async () => {
    site = makeSite();
    git(site.workDir, 'checkout', '-q', '--orphan', 'fresh');
    git(site.workDir, 'rm', '-q', '-r', '--cached', '.');
    write(site.workDir, 'src/a.txt', 'all new\n');
    const captured = await capture(site, { bundle: 'always' });
    expect(captured).toMatchObject({ headSha: null, baseSha: EMPTY_TREE_SHA1 });
    const restored = await restore(site, captured, { fromBundle: true });
    expect(restored).toMatchObject({ headSha: null, commitsCount: 0 });
    expect(listing(restored.worktreeDir)).toBe(listing(site.workDir));
    expect(git(restored.worktreeDir, 'status', '--short')).toBe(git(site.workDir, 'status', '--short'));
  });

  it('a repository of its own, without a remote', async () => {
    site = makeSite();
    git(site.workDir, 'remote', 'remove', 'origin');
    workLocally(site);
    const { captured, restored } = await expectSameRepository({ withoutMirror: true });
    expect(captured).toMatchObject({ baseSha: EMPTY_TREE_SHA1, bundle: { commitsCount: 3 } });
    expect(git(restored.worktreeDir, 'branch', '--show-current')).toBe('task/one');
  });

  it('merges of what else is on the remote', async () => {
    site = makeSite();
    git(site.workDir, 'checkout', '-q', '-b', 'feature');
    write(site.workDir, 'feature.txt', 'feature\n');
    commitAll(site.workDir, 'feature');
    git(site.workDir, 'push', '-q', 'origin', 'feature');
    git(site.workDir, 'checkout', '-q', 'main');
    workLocally(site);
    git(site.workDir, 'stash', '-q', '-u');
    git(site.workDir, 'merge', '-q', '--no-ff', '-m', 'merge', 'feature');
    git(site.workDir, 'stash', 'pop', '-q');
    await expectSameRepository();
  });

  it('SHA-256', async () => {
    site = makeSite(undefined, ['--object-format=sha256']);
    workLocally(site);
    const { captured } = await expectSameRepository();
    expect(captured.bundle!.data.toString('latin1', 0, 15)).toBe('# v3 git bundle');
  });

  it('files that a commit or a checkout would convert', async () => {
    site = makeSite({
      '.gitattributes': '* text=auto\n*.bat text eol=crlf\n',
      'base.bat': 'base\r\n',
      'reverted.bat': 'base\r\n',
      'readme.md': 'hello\n',
      'src/a.txt': 'one\ntwo\nthree\n',
    });
    git(site.workDir, 'config', 'core.safecrlf', 'false');
    write(site.workDir, 'crlf.txt', 'one\r\ntwo\r\n');
    write(site.workDir, 'lf.bat', 'one\ntwo\n');
    write(site.workDir, 'reverted.bat', 'not for long\r\n');
    commitAll(site.workDir, 'converted');
    write(site.workDir, 'more.txt', 'new\r\n');
    write(site.workDir, 'reverted.bat', 'base\r\n');
    await expectSameRepository();
  });

  it('captured in a worktree that was itself restored from a bundle', async () => {
    site = makeSite();
    workLocally(site);
    const { captured, restored } = await expectSameRepository();
    const second = { ...site, workDir: restored.worktreeDir, shadowDir: join(site.dir, 'second.git') };
    const again = await capture(second);
    expect(again).toMatchObject({
      treeSha: captured.treeSha,
      headSha: captured.headSha,
      baseSha: captured.baseSha,
    });
    write(restored.worktreeDir, 'src/b.txt', 'went on elsewhere\n');
    commitAll(restored.worktreeDir, 'third local commit');
    write(restored.worktreeDir, 'src/c.txt', 'and on\n');
    const third = await capture(second);
    expect(third.bundle).toMatchObject({ commitsCount: 3 });
    const lost = viewOf(restored.worktreeDir);
    const last = await restore(site, third, { fromBundle: true, name: 'third', branchName: 'task/two' });
    expect(viewOf(last.worktreeDir)).toEqual(lost);
  });

  it('leaves nothing of its commits in the mirror', async () => {
    site = makeSite();
    workLocally(site);
    const { restored } = await expectSameRepository();
    const mirrorDir = await mirrorElsewhere(site);
    expect(() => git(mirrorDir, 'cat-file', '-e', restored.headSha!)).toThrow();
    expect(git(mirrorDir, 'for-each-ref', 'refs/heads/')).toBe('');
  });

  it('keeps an existing folder with its branch', async () => {
    site = makeSite();
    workLocally(site);
    const captured = await capture(site);
    const first = await restore(site, captured, { fromBundle: true });
    commitAll(first.worktreeDir, 'went on');
    const second = await restore(site, captured, { fromBundle: true });
    expect(second.branchName).toBe('task/one');
    expect(git(second.movedAsideTo!, 'log', '-1', '--format=%s', 'task/one')).toBe('went on');
    expect(git(second.worktreeDir, 'rev-parse', 'task/one')).toBe(captured.headSha);
  });
});

/** What a person sees of a repository, but for the branch's name. */
function viewOf(dir: string): string[] {
  return [
    git(dir, 'log', '--format=%H %an <%ae> %at %cn <%ce> %ct %P%n%B', 'HEAD'),
    git(dir, 'status', '--porcelain=v1'),
    git(dir, 'diff', '--binary', 'HEAD'),
    listing(dir),
  ];
}
