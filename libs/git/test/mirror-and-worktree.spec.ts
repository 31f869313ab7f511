import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { commitWip } from '../src/capture/commit-wip.js';
import { createRepository } from '../src/mirror/create-repository.js';
import { createWorktree } from '../src/mirror/create-worktree.js';
import { ensureMirror, fetchMirror } from '../src/mirror/ensure-mirror.js';
import { removeWorktree } from '../src/mirror/remove-worktree.js';
import { git, makeSite, write, type Site } from '../testing/repositories.js';

const identity = { name: 'Patchpoint', email: 'patchpoint@localhost' };

describe('mirrors and worktrees', () => {
  let site: Site;
  let worktreeDir: string;
  beforeEach(() => {
    site = makeSite();
    worktreeDir = join(site.dir, 'tasks', 'one');
  });
  afterEach(() => site.remove());

  const mirror = (options: { fetchIfMissing?: string } = {}) =>
    ensureMirror({
      mirrorsDir: site.mirrorsDir,
      sourceUrl: site.originUrl,
      allowFileProtocol: true,
      ...options,
    });

  const start = async (branchName = 'task/one', dir = worktreeDir) =>
    createWorktree({
      mirrorDir: (await mirror()).mirrorDir,
      worktreeDir: dir,
      branchName,
      startPoint: 'origin/main',
    });

  it('clones a source once, however many ask for it', async () => {
    const mirrors = await Promise.all([mirror(), mirror(), mirror()]);
    expect(new Set(mirrors.map(({ mirrorDir }) => mirrorDir)).size).toBe(1);
    expect(mirrors[0]).toMatchObject({ defaultBranch: 'main' });
    expect(readdirSync(site.mirrorsDir)).toHaveLength(1);
    expect(git(mirrors[0]!.mirrorDir, 'for-each-ref', '--format=%(refname)')).toBe(
      'refs/remotes/origin/HEAD\nrefs/remotes/origin/main',
    );
  });

  it('fetches a base that it lacks, and says when the source does not have it either', async () => {
    await mirror();
    write(site.workDir, 'later.txt', 'later\n');
    git(site.workDir, 'add', '-A');
    git(site.workDir, 'commit', '-qm', 'later');
    const sha = git(site.workDir, 'rev-parse', 'HEAD');
    await expect(mirror({ fetchIfMissing: sha })).rejects.toMatchObject({ code: 'BASE_MISSING' });
    git(site.workDir, 'push', '-q', 'origin', 'main');
    const { mirrorDir } = await mirror({ fetchIfMissing: sha });
    expect(git(mirrorDir, 'cat-file', '-t', sha)).toBe('commit');
  });

  it('refuses the file protocol unless it is allowed', async () => {
    const request = { mirrorsDir: site.mirrorsDir, sourceUrl: site.originUrl, allowFileProtocol: false };
    await expect(ensureMirror(request)).rejects.toMatchObject({ code: 'PROTOCOL_FORBIDDEN' });
    expect(readdirSync(site.mirrorsDir)).toEqual([]);
  });

  it('mirrors a source without commits', async () => {
    const emptyDir = join(site.dir, 'empty.git');
    git(site.dir, 'init', '-q', '--bare', emptyDir);
    const request = { mirrorsDir: site.mirrorsDir, sourceUrl: emptyDir, allowFileProtocol: true };
    expect(await ensureMirror(request)).toMatchObject({ defaultBranch: null });
  });

  it('starts a task on a branch of its own, several at once', async () => {
    const names = ['one', 'two', 'three', 'four'];
    const created = await Promise.all(
      names.map((name) => start(`task/${name}`, join(site.dir, 'tasks', name))),
    );
    for (const { worktreeDir, branchName, headSha } of created) {
      expect(git(worktreeDir, 'branch', '--show-current')).toBe(branchName);
      expect(git(worktreeDir, 'rev-parse', 'HEAD')).toBe(headSha);
      expect(git(worktreeDir, 'status', '--short')).toBe('');
    }
    expect(readdirSync(join(site.dir, 'tasks')).sort()).toEqual([...names].sort());
  });

  it('starts again beside what an earlier attempt left', async () => {
    const first = await start();
    write(first.worktreeDir, 'work.txt', 'work\n');
    await commitWip({ worktreeDir, message: 'wip', push: false, identity });
    const second = await start();
    expect(second.branchName).toBe('task/one');
    expect(git(second.movedAsideTo!, 'log', '-1', '--format=%s', 'task/one')).toBe('wip');
    expect(git(second.worktreeDir, 'log', '-1', '--format=%s', 'task/one')).toBe('first');
    expect(git(second.worktreeDir, 'status', '--short')).toBe('');
  });

  it('names a start point that does not exist', async () => {
    const { mirrorDir } = await mirror();
    const request = { mirrorDir, worktreeDir, branchName: 'x', startPoint: 'origin/nowhere' };
    await expect(createWorktree(request)).rejects.toMatchObject({ code: 'NO_BASE_COMMIT' });
    expect(existsSync(worktreeDir)).toBe(false);
  });

  it('makes a repository from nothing', async () => {
    const created = await createRepository({ worktreeDir, branchName: 'main' });
    expect(created).toMatchObject({ headSha: null, branchName: 'main', movedAsideTo: null });
    expect(git(worktreeDir, 'status', '--short', '--branch')).toBe('## No commits yet on main');
  });

  it('removes a worktree, twice', async () => {
    const created = await start();
    await removeWorktree(created);
    await removeWorktree(created);
    expect(existsSync(worktreeDir)).toBe(false);
  });

  it('brings remote-tracking refs up to date', async () => {
    const { mirrorDir } = await mirror();
    git(site.workDir, 'commit', '-q', '--allow-empty', '-m', 'newer');
    git(site.workDir, 'push', '-q', 'origin', 'main');
    await fetchMirror({ mirrorDir, allowFileProtocol: true });
    expect(git(mirrorDir, 'rev-parse', 'origin/main')).toBe(git(site.workDir, 'rev-parse', 'main'));
  });

  it('commits all work to the branch and pushes it, with an identity where none is configured', async () => {
    await start();
    const home = process.env['HOME'];
    process.env['HOME'] = site.dir;
    write(worktreeDir, 'src/a.txt', 'changed\n');
    write(worktreeDir, 'new.txt', 'new\n');
    const result = await commitWip({
      worktreeDir,
      message: '[WIP] Heartbeat checkpoint - now',
      push: true,
      identity,
      allowFileProtocol: true,
    }).finally(() => {
      process.env['HOME'] = home;
    });
    expect(result).toMatchObject({ outcome: 'committed', pushed: true });
    expect(git(site.originDir, 'log', '-1', '--format=%s|%an', 'task/one')).toBe(
      '[WIP] Heartbeat checkpoint - now|Patchpoint',
    );
    expect(git(worktreeDir, 'status', '--short')).toBe('');
    expect(await commitWip({ worktreeDir, message: 'again', push: true, identity })).toEqual({
      outcome: 'nothing-to-commit',
    });
  });

  it('commits with the identity that is configured, where it is whole', async () => {
    await start();
    const author = () => git(worktreeDir, 'log', '-1', '--format=%an|%ae|%cn');
    git(worktreeDir, 'config', 'user.name', 'Grace');
    git(worktreeDir, 'config', 'user.email', 'grace@example.com');
    write(worktreeDir, 'one.txt', 'one\n');
    await commitWip({ worktreeDir, message: 'wip', push: false, identity });
    expect(author()).toBe('Grace|grace@example.com|Grace');
    git(worktreeDir, 'config', 'user.email', ' ');
    write(worktreeDir, 'two.txt', 'two\n');
    await commitWip({ worktreeDir, message: 'wip', push: false, identity });
    expect(author()).toBe('Patchpoint|patchpoint@localhost|Patchpoint');
  });

  it('commits no file that looks like a secret, unless it is tracked already', async () => {
    await start();
    write(worktreeDir, '.npmrc', 'tracked\n');
    git(worktreeDir, 'add', '.npmrc');
    for (const name of ['.env', 'deep/.env.local', '.env.example', 'server.key', 'id_rsa.pub', 'new.txt'])
      write(worktreeDir, name, 'x\n');
    const result = await commitWip({ worktreeDir, message: 'wip', push: false, identity });
    const omissions = ['.env', 'deep/.env.local', 'server.key'].map((path) => ({
      path,
      reason: 'looks-like-secret',
    }));
    expect(result).toMatchObject({ outcome: 'committed', pushed: false, leftOut: omissions });
    expect(git(worktreeDir, 'show', '--format=', '--name-only', 'HEAD').split('\n')).toEqual([
      '.env.example',
      '.npmrc',
      'id_rsa.pub',
      'new.txt',
    ]);
    write(worktreeDir, '.npmrc', 'edited\n');
    await commitWip({ worktreeDir, message: 'wip', push: false, identity });
    expect(git(worktreeDir, 'show', '--format=', '--name-only', 'HEAD')).toBe('.npmrc');
    expect(git(worktreeDir, 'status', '--short', '-uall').split('\n')).toEqual([
      '?? .env',
      '?? deep/.env.local',
      '?? server.key',
    ]);
  });

  it('keeps the commit when the push fails, and says why it failed', async () => {
    await start();
    write(worktreeDir, 'new.txt', 'new\n');
    const result = await commitWip({ worktreeDir, message: 'wip', push: true, identity });
    expect(result).toMatchObject({ outcome: 'committed', pushed: false });
    expect(result).toHaveProperty('pushError', expect.stringContaining('not allowed'));
  });

  it('does not commit in the middle of a merge', async () => {
    await start();
    git(worktreeDir, 'checkout', '-q', '-b', 'other');
    write(worktreeDir, 'src/a.txt', 'theirs\n');
    git(worktreeDir, 'commit', '-qam', 'theirs');
    git(worktreeDir, 'checkout', '-q', 'task/one');
    write(worktreeDir, 'src/a.txt', 'ours\n');
    git(worktreeDir, 'commit', '-qam', 'ours');
    expect(() => git(worktreeDir, 'merge', 'other')).toThrow();
    expect(await commitWip({ worktreeDir, message: 'wip', push: false, identity })).toEqual({
      outcome: 'operation-in-progress',
      operation: 'merge',
    });
    expect(readFileSync(join(worktreeDir, 'src/a.txt'), 'utf8')).toContain('<<<<<<<');
  });
});
