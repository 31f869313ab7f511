import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describeWorktree } from './describe-worktree.js';
import { absoluteSource, findSource } from './find-source.js';
import { git, makeTempDir } from '../../testing/repositories.js';

describe('absoluteSource', () => {
  it.each([
    ['https://me:secret@host/a.git', 'https://host/a.git'],
    ['https://token@host/a.git', 'https://host/a.git'],
    ['https://host/a.git', 'https://host/a.git'],
    ['ssh://git:secret@host/a.git', 'ssh://git@host/a.git'],
    ['git@host:a.git', 'git@host:a.git'],
    ['/srv/a b.git', 'file:///srv/a%20b.git'],
    ['../a.git', 'file:///home/me/a.git'],
  ])('makes %s into %s', (url, source) => {
    expect(absoluteSource(url, '/home/me/here')).toBe(source);
  });
});

describe('findSource', () => {
  const { dir, remove } = makeTempDir();
  const worktreeDir = join(dir, 'work');
  const source = async () => findSource(await describeWorktree(worktreeDir));

  beforeAll(() => mkdirSync(worktreeDir));
  beforeEach(() => {
    rmSync(join(worktreeDir, '.git'), { recursive: true, force: true });
    git(worktreeDir, 'init', '--quiet', '--initial-branch=main');
  });
  afterAll(remove);

  it('is null without a remote', async () => {
    expect(await source()).toBeNull();
  });

  it('does not choose between two that are as good', async () => {
    git(worktreeDir, 'remote', 'add', 'one', 'https://host/one.git');
    git(worktreeDir, 'remote', 'add', 'two', 'https://host/two.git');
    await expect(source()).rejects.toThrow('one, two');
  });

  it('prefers origin, then the remote that the branch follows, then the only one', async () => {
    git(worktreeDir, 'remote', 'add', 'one', 'https://host/one.git');
    expect(await source()).toBe('https://host/one.git');
    git(worktreeDir, 'remote', 'add', 'two', 'https://host/two.git');
    git(worktreeDir, 'config', 'branch.main.remote', 'two');
    expect(await source()).toBe('https://host/two.git');
    git(worktreeDir, 'remote', 'add', 'origin', 'https://me:secret@host/three.git');
    expect(await source()).toBe('https://host/three.git');
  });

  it('refuses a remote that nobody here fetches from', async () => {
    git(worktreeDir, 'remote', 'add', 'origin', 'http://host/a.git');
    await expect(source()).rejects.toMatchObject({ code: 'PROTOCOL_FORBIDDEN' });
  });
});
