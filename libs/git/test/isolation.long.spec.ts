import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { commitWip } from '../src/capture/commit-wip.js';
import { checkWorktree } from '../src/mirror/check-worktree.js';
import { createWorktree } from '../src/mirror/create-worktree.js';
import { fetchMirror } from '../src/mirror/ensure-mirror.js';
import type { CreatedWorktree } from '../src/mirror/make-repository.js';
import { removeWorktree } from '../src/mirror/remove-worktree.js';
import { actAsAgent, AGENT_DEEDS, makeHooks, type Hooks } from '../testing/agent-deeds.js';
import { git, gitBytes, makeSite, write, type Site } from '../testing/repositories.js';
import { capture, mirrorElsewhere, type Captured } from '../testing/round-trip.js';

const identity = { name: 'Patchpoint', email: 'patchpoint@localhost' };

describe('F33 tasks beside each other', () => {
  let site: Site;
  let mirrorDir: string;
  let hooks: Hooks;
  let a: CreatedWorktree;
  let b: CreatedWorktree;
  let before: { captured: Captured; seen: string };

  const start = (name: string): Promise<CreatedWorktree> => {
    const taskDir = join(site.dir, 'tasks', name);
    const worktreeDir = join(taskDir, 'tree');
    return createWorktree({
      mirrorDir,
      taskDir,
      worktreeDir,
      branchName: `task/${name}`,
      startPoint: 'origin/main',
    });
  };
  const captureOf = ({ worktreeDir, gitDir }: CreatedWorktree, name: string): Promise<Captured> =>
    capture({ ...site, workDir: worktreeDir, shadowDir: join(site.dir, `shadow-${name}.git`) }, { gitDir });
  const check = ({ worktreeDir, gitDir }: CreatedWorktree) =>
    checkWorktree({ worktreeDir, gitDir, environment: { PATH: process.env['PATH']!, HOME: site.dir } });

  beforeEach(async () => {
    site = makeSite();
    mirrorDir = await mirrorElsewhere(site);
    hooks = makeHooks(site.dir);
    [a, b] = [await start('a'), await start('b')];
    for (const { worktreeDir } of [a, b]) write(worktreeDir, 'work.txt', `work in ${worktreeDir}\n`);
    before = { captured: await captureOf(b, 'b'), seen: whatIsSeenIn(b.worktreeDir) };
  });
  afterEach(() => site.remove());

  it.each(AGENT_DEEDS)(
    'an agent that %s: no other task notices, and it is said of its own',
    async (_, script, own) => {
      act(script);
      expect(whatIsSeenIn(b.worktreeDir)).toBe(before.seen);
      expect((await captureOf(b, 'b')).treeSha).toBe(before.captured.treeSha);
      expect(await check(b)).toBeNull();
      expect(
        await commitWip({ ...b, message: 'wip', push: true, identity, allowFileProtocol: true }),
      ).toMatchObject({ outcome: 'committed', pushed: true });
      write(b.worktreeDir, 'work.txt', 'went on\n');
      git(b.worktreeDir, 'commit', '-qam', 'by the agent itself');
      expect(git(b.worktreeDir, 'fsck', '--full', '--no-dangling')).toBe('');
      const c = await start('c');
      expect(await check(c)).toBeNull();
      expect(whatIsSeenIn(c.worktreeDir)).toContain('## task/c');
      await fetchMirror({ mirrorDir, allowFileProtocol: true });
      expect(existsSync(hooks.traceFile)).toBe(false);

      const found = await check(a);
      if (own === 'works') expect(found).toBeNull();
      else {
        expect(found).toMatchObject({ code: 'UNUSABLE_WORKTREE' });
        expect(found!.message).toMatch(/git (?:says: |finds the repository |takes it for)/);
      }
      if (own === 'is gone') {
        await expect(captureOf(a, 'a')).rejects.toThrow(/git said: fatal: /);
      } else {
        const captured = await captureOf(a, 'a');
        expect(git(join(site.dir, 'shadow-a.git'), 'show', `${captured.treeSha}:work.txt`)).toBe(
          `work in ${a.worktreeDir}`,
        );
        expect(captured.baseSha).toBe(before.captured.baseSha);
        expect(captured.filesChanged).toBe(1);
      }
    },
  );

  it('a task whose .git is pointed at another task is captured from its own repository all the same', async () => {
    act(`echo "gitdir: ${b.gitDir}" > .git`);
    git(b.worktreeDir, 'commit', '-q', '--allow-empty', '-m', 'of b');
    const captured = await captureOf(a, 'a');
    expect(captured).toMatchObject({ branchName: 'task/a', headSha: a.headSha, filesChanged: 1 });
    expect((await check(a))!.message).toContain(`finds the repository ${b.gitDir} instead of ${a.gitDir}`);
    const wip = await commitWip({ ...a, message: 'wip', push: false, identity });
    expect(wip).toMatchObject({ outcome: 'committed' });
    expect(git(a.worktreeDir, `--git-dir=${a.gitDir}`, 'log', '-1', '--format=%s', 'task/a')).toBe('wip');
    expect(git(b.worktreeDir, 'log', '-1', '--format=%s')).toBe('of b');
  });

  it('the check fetches nothing that an agent made its repository lack, and runs nothing for it', async () => {
    const trace = join(site.dir, 'trace');
    act(`git commit -q --allow-empty -m x && git add -A && git commit -qm tree
      tree=$(git rev-parse HEAD^{tree} | sed 's|^..|&/|') && rm -f .git/objects/$tree "$(git rev-parse --git-dir)/objects/$tree"
      git config core.repositoryFormatVersion 1; git config extensions.partialClone origin
      git config remote.origin.promisor true; git config remote.origin.uploadpack "touch ${trace}; false"
      rm "$(git rev-parse --git-path index)"`);
    expect((await check(a))!.message).toContain('git says: ');
    expect(existsSync(trace)).toBe(false);
  });

  it('two tasks with one branch name share nothing else', async () => {
    const taskDir = join(site.dir, 'tasks', 'same');
    const worktreeDir = join(taskDir, 'tree');
    const same = { mirrorDir, taskDir, worktreeDir, branchName: 'task/a', startPoint: 'origin/main' };
    expect((await createWorktree(same)).branchName).toBe('task/a');
    git(worktreeDir, 'commit', '-q', '--allow-empty', '-m', 'of the other');
    expect(git(a.worktreeDir, 'log', '-1', '--format=%s')).toBe('first');
  });

  it('a branch on which the source has other commits is not taken', async () => {
    for (const name of ['task/c', 'task/d']) {
      git(site.workDir, 'checkout', '-q', '-B', name, 'main');
      if (name === 'task/c') git(site.workDir, 'commit', '-q', '--allow-empty', '-m', 'of a person');
      git(site.workDir, 'push', '-q', 'origin', name);
    }
    await fetchMirror({ mirrorDir, allowFileProtocol: true });
    const [c, d] = [await start('c'), await start('d')];
    expect([c.branchName, d.branchName]).toEqual(['task/c-2', 'task/d']);
    expect(git(c.worktreeDir, 'status', '--short', '--branch')).toBe('## task/c-2');
    write(c.worktreeDir, 'work.txt', 'x\n');
    const wip = { ...c, message: 'wip', push: true, identity, allowFileProtocol: true };
    expect(await commitWip(wip)).toMatchObject({ pushed: true });
    expect(git(site.originDir, 'log', '-1', '--format=%s', 'task/c')).toBe('of a person');
  });

  it('a cleanup takes the repository of the task, and nothing of another', async () => {
    await removeWorktree(a);
    await removeWorktree(a);
    expect(readdirSync(join(site.dir, 'tasks'))).toEqual(['b']);
    expect(whatIsSeenIn(b.worktreeDir)).toBe(before.seen);
  });

  it('a task has origin and its branches, and copies no object', () => {
    expect(git(a.worktreeDir, 'remote', 'get-url', 'origin')).toBe(site.originUrl);
    expect(git(a.worktreeDir, 'for-each-ref', '--format=%(refname),%(symref)')).toBe(
      'refs/heads/task/a,\nrefs/remotes/origin/HEAD,refs/remotes/origin/main\nrefs/remotes/origin/main,',
    );
    git(a.worktreeDir, '-c', 'protocol.file.allow=always', 'fetch', '-q', 'origin');
    expect(gitBytes(a.worktreeDir, 'count-objects').toString()).toContain('0 objects');
  });

  const act = (script: string): void => actAsAgent(a.worktreeDir, script, hooks);
});

/** What an agent asks for when it begins. */
function whatIsSeenIn(dir: string): string {
  const asked = [
    ['status', '--short', '--branch'],
    ['stash', 'list'],
    ['for-each-ref', 'refs/heads/'],
    ['config', '--local', '--list'],
    ['log', '--format=%H %s'],
    ['worktree', 'list'],
  ];
  return asked.map((args) => git(dir, ...args)).join('\n');
}
