import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EMPTY_TREE_SHA1 } from '../values/sha.js';
import { git, makeSite, write, type Site } from '../../testing/repositories.js';
import { capture, expectRoundTrip, restore } from '../../testing/round-trip.js';

describe('the base of a patch is a commit that others can fetch', () => {
  let site: Site;
  beforeEach(() => {
    site = makeSite();
  });
  afterEach(() => site.remove());

  const sha = (revision: string): string => git(site.workDir, 'rev-parse', revision);

  function commit(name: string, ...then: string[][]): string {
    write(site.workDir, `${name}.txt`, `${name}\n`);
    git(site.workDir, 'add', '-A');
    git(site.workDir, 'commit', '-qm', name);
    for (const command of then) git(site.workDir, ...command);
    return sha('HEAD');
  }

  it('where the branch left the base branch, which has moved on since', async () => {
    const fork = sha('HEAD');
    commit('upstream', ['push', '-q', 'origin', 'main'], ['checkout', '-q', '-b', 'task', fork]);
    commit('local');
    expect(await capture(site, { baseBranch: 'main' })).toMatchObject({ baseSha: fork, baseReachable: true });
    await expectRoundTrip(site);
  });

  it('on the base branch that was named, not on the default one', async () => {
    const release = commit('release', ['push', '-q', 'origin', 'HEAD:release']);
    git(site.workDir, 'fetch', '-q');
    commit('local');
    expect((await capture(site, { baseBranch: 'release' })).baseSha).toBe(release);
    expect((await capture(site)).baseSha).toBe(sha('origin/main'));
  });

  it('stays on the base branch when the WIP branch was pushed', async () => {
    git(site.workDir, 'checkout', '-q', '-b', 'task');
    commit('wip', ['push', '-q', 'origin', 'task']);
    expect((await capture(site, { baseBranch: 'main' })).baseSha).toBe(sha('origin/main'));
  });

  it('stays fetchable when a push was refused', async () => {
    commit('never pushed');
    const captured = await capture(site);
    expect(captured.baseSha).toBe(sha('origin/main'));
    expect(git(site.originDir, 'cat-file', '-t', captured.baseSha)).toBe('commit');
    expect((await restore(site, captured)).treeSha).toBe(captured.treeSha);
  });

  it('falls back to the nearest commit on any remote branch', async () => {
    git(site.workDir, 'checkout', '-q', '-b', 'task');
    const pushed = commit('pushed', ['push', '-q', 'origin', 'task']);
    commit('local');
    expect((await capture(site, { baseBranch: 'no-such-branch' })).baseSha).toBe(pushed);
  });

  it('falls back when nothing is shared with the base branch', async () => {
    git(site.workDir, 'checkout', '-q', '--orphan', 'island');
    const pushed = commit('island', ['push', '-q', 'origin', 'island']);
    commit('local');
    expect((await capture(site, { baseBranch: 'main' })).baseSha).toBe(pushed);
  });

  it('is not moved by grafts, which others do not have', async () => {
    commit('local');
    git(site.workDir, 'replace', '--graft', 'HEAD');
    expect((await capture(site)).baseSha).toBe(sha('origin/main'));
  });

  it('prefers the remote that was named', async () => {
    const onOrigin = sha('HEAD');
    const fork = join(site.dir, 'fork.git');
    git(site.dir, 'init', '-q', '--bare', fork);
    git(site.workDir, 'remote', 'add', 'fork', fork);
    const onFork = commit('fork', ['push', '-q', 'fork', 'main']);
    expect((await capture(site)).baseSha).toBe(onOrigin);
    expect((await capture(site, { remoteName: 'fork', baseBranch: 'main' })).baseSha).toBe(onFork);
  });

  it('is the empty tree when no commit was ever shared', async () => {
    git(site.workDir, 'checkout', '-q', '--orphan', 'island');
    commit('island');
    const captured = await capture(site);
    expect(captured).toMatchObject({ baseSha: EMPTY_TREE_SHA1, baseReachable: true, clean: false });
    const restored = await restore(site, captured);
    expect(restored.headSha).toBeNull();
    expect(git(restored.worktreeDir, 'symbolic-ref', 'HEAD')).toBe('refs/heads/task/one');
  });

  it('survives the deletion of its branch on the remote, as long as the server still has it', async () => {
    git(site.workDir, 'checkout', '-q', '-b', 'gone');
    const base = commit('gone', ['push', '-q', 'origin', 'gone']);
    const captured = await capture(site, { baseBranch: 'gone' });
    expect(captured.baseSha).toBe(base);
    git(site.originDir, 'update-ref', '-d', 'refs/heads/gone');
    expect((await restore(site, captured)).treeSha).toBe(captured.treeSha);
  });

  it('is missed, and nothing left behind, when the server does not have it any more', async () => {
    git(site.workDir, 'checkout', '-q', '-b', 'gone');
    commit('gone', ['push', '-q', 'origin', 'gone']);
    const captured = await capture(site, { baseBranch: 'gone' });
    git(site.originDir, 'update-ref', '-d', 'refs/heads/gone');
    git(site.originDir, 'gc', '-q', '--prune=now');
    await expect(restore(site, captured)).rejects.toMatchObject({ code: 'BASE_MISSING' });
    expect(existsSync(join(site.dir, 'other-machine', 'restored'))).toBe(false);
  });

  it('changes when the base branch is fetched, and so does the capture', async () => {
    commit('local');
    const previous = await capture(site);
    git(site.workDir, 'push', '-q', 'origin', 'main');
    const next = await capture(site, { previous });
    expect(next).toMatchObject({ baseSha: sha('HEAD'), clean: true, treeSha: previous.treeSha });
  });

  it('cannot be chosen by a branch name that is an option', async () => {
    await expect(capture(site, { baseBranch: '--all' })).rejects.toMatchObject({ code: 'BAD_REF' });
    await expect(capture(site, { anchorRef: 'HEAD' })).rejects.toMatchObject({ code: 'BAD_REF' });
  });
});
