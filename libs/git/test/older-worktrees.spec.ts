import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { commitWip } from '../src/capture/commit-wip.js';
import { checkWorktree } from '../src/mirror/check-worktree.js';
import { createWorktree } from '../src/mirror/create-worktree.js';
import { removeWorktree } from '../src/mirror/remove-worktree.js';
import { git, makeSite, write, type Site } from '../testing/repositories.js';
import { capture, mirrorElsewhere, restore } from '../testing/round-trip.js';

const identity = { name: 'Patchpoint', email: 'patchpoint@localhost' };

/** As versions before tasks had repositories of their own made them. */
describe('a linked worktree of a mirror', () => {
  let site: Site;
  let mirrorDir: string;
  beforeEach(async () => {
    site = makeSite();
    mirrorDir = await mirrorElsewhere(site);
  });
  afterEach(() => site.remove());

  function linked(name: string): string {
    const worktreeDir = join(site.dir, 'tasks', name);
    git(mirrorDir, 'worktree', 'add', '-q', '-b', `task/${name}`, worktreeDir, 'origin/main');
    write(worktreeDir, 'work.txt', 'work\n');
    return worktreeDir;
  }
  const entries = (): string[] => readdirSync(join(mirrorDir, 'worktrees')).sort();

  it('is checked, captured, committed and pushed, as before', async () => {
    const worktreeDir = linked('old');
    const environment = { PATH: process.env['PATH']! };
    expect(await checkWorktree({ worktreeDir, gitDir: undefined, environment })).toBeNull();
    expect(await capture({ ...site, workDir: worktreeDir })).toMatchObject({
      branchName: 'task/old',
      filesChanged: 1,
    });
    const wip = { worktreeDir, message: 'wip', push: true, identity, allowFileProtocol: true };
    expect(await commitWip(wip)).toMatchObject({ outcome: 'committed', pushed: true });
  });

  it('is moved aside whole where a task gets a repository of its own in its place', async () => {
    const taskDir = linked('old');
    const { movedAsideTo } = await createWorktree({
      mirrorDir,
      taskDir,
      worktreeDir: join(taskDir, 'tree'),
      branchName: 'task/old',
      startPoint: 'origin/main',
    });
    expect(git(movedAsideTo!, 'status', '--short', '--branch')).toBe(
      '## task/old...origin/main\n?? work.txt',
    );
    git(mirrorDir, 'worktree', 'prune', '--expire=now');
    expect(git(movedAsideTo!, 'branch', '--show-current')).toBe('task/old');
  });

  it('that was moved or unmounted is not forgotten, whatever is made or removed beside it', async () => {
    const worktreeDir = linked('kept');
    git(worktreeDir, 'checkout', '-q', '--detach');
    git(worktreeDir, 'commit', '-q', '--allow-empty', '-m', 'on no branch');
    const movedDir = join(site.dir, 'moved');
    renameSync(worktreeDir, movedDir);
    const captured = await capture(site);
    await restore(site, captured);
    await restore(site, captured, { asTask: true, name: 'task' });
    const other = linked('other');
    await removeWorktree({ worktreeDir: other });
    git(mirrorDir, 'gc', '-q', '--prune=now');
    expect(entries()).toEqual(['kept']);
    expect(git(movedDir, 'log', '-1', '--format=%s')).toBe('on no branch');
  });

  it('is removed with its entry, and never with the entry of another that its .git names', async () => {
    const [first, second] = [linked('first'), linked('second')];
    writeFileSync(join(second, '.git'), readFileSync(join(first, '.git')));
    await removeWorktree({ worktreeDir: second });
    expect(existsSync(second)).toBe(false);
    expect(entries()).toEqual(['first', 'second']);
    expect(git(first, 'status', '--short')).toBe('?? work.txt');
    await removeWorktree({ worktreeDir: first });
    expect(entries()).toEqual(['second']);
  });

  it('lives on a mirror that the next use protects', async () => {
    const config = join(mirrorDir, 'config');
    const before = readFileSync(config, 'utf8').replace(/\tpreciousObjects = true\n/i, '');
    writeFileSync(config, before.replace('repositoryFormatVersion = 1', 'repositoryformatversion = 0'));
    const worktreeDir = linked('old');
    await mirrorElsewhere(site);
    expect(() => git(mirrorDir, 'prune')).toThrow('precious-objects');
    expect(git(worktreeDir, 'status', '--short')).toBe('?? work.txt');
  });
});
