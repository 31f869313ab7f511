import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { execaSync } from 'execa';
import { Logger } from '@nestjs/common';
import { eventually, temporaryFolder } from '#testing';
import { aSpawn, OfflineAgent, WAIT } from '../../testing/offline-agent.js';

beforeAll(() => Logger.overrideLogger(false));

const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];

describe('the worktrees of a daemon', () => {
  let home: string;
  let repoUrl: string;
  let daemon: OfflineAgent;

  beforeEach(async () => {
    home = temporaryFolder();
    const seedDir = join(home, 'seed');
    mkdirSync(seedDir);
    execaSync('git', ['init', '--quiet', '--initial-branch=main'], { cwd: seedDir });
    writeFileSync(join(seedDir, 'a.txt'), 'one\n');
    execaSync('git', ['add', '-A'], { cwd: seedDir });
    execaSync('git', [...identity, 'commit', '--quiet', '-m', 'first'], { cwd: seedDir });
    execaSync('git', ['clone', '--quiet', '--bare', seedDir, join(home, 'origin.git')]);
    repoUrl = `file://${join(home, 'origin.git')}`;
    daemon = await OfflineAgent.open({ environment: { PATCHPOINT_ALLOW_FILE_PROTOCOL: 'true', HOME: home } });
    await daemon.agent.start();
  });
  afterEach(() => daemon.close());

  const git = (cwd: string, ...args: string[]): string => execaSync('git', args, { cwd }).stdout;
  const spooled = (taskId: string) =>
    daemon.agent.spool.pending().filter((entry) => entry.taskId === taskId).length;

  it('F33 an agent that spoils its repository spoils no other, and is itself captured to the end', async () => {
    const b = aSpawn({ repoUrl, taskName: 'b' });
    const bDir = await daemon.run(b);
    const a = aSpawn({
      repoUrl,
      taskName: 'a',
      plan: 'echo mine > mine.txt; git config extensions.worktreeConfig true; git config core.bare true; rm .git',
    });
    await daemon.agent.runs.start(a);
    await daemon.untilReported('completed').then(({ taskId }) => expect(taskId).toBe(a.taskId));
    expect(spooled(a.taskId)).toBe(1);
    expect(daemon.said.join('')).not.toContain('failed');

    expect(git(bDir, 'status', '--short', '--branch')).toMatch(/^## patchpoint\/b-.*\n\?\? work\.txt$/);
    expect(await daemon.agent.runs.capture(b.taskId, { kind: 'heartbeat' })).toBe('spooled');
    const cDir = await daemon.run(aSpawn({ repoUrl, taskName: 'c', attempt: 2 }));
    expect(git(cDir, 'log', '-1', '--format=%s')).toBe('first');
  });

  it('are no longer used where plain git does not work, and are kept with what is in them', async () => {
    const first = aSpawn({ repoUrl, plan: 'echo work > work.txt; rm .git; echo "gitdir: /nowhere" > .git' });
    await daemon.agent.runs.start(first);
    const worktreeDir = (await daemon.untilReported('started')).worktreePath!;
    await daemon.untilReported('completed');
    const resumed = { ...first, attempt: 2, resumeSession: true, plan: `git status > status.txt\n${WAIT}` };
    expect(await daemon.run(resumed)).toBe(worktreeDir);
    expect(daemon.reports.find((each) => each.report === 'started' && each.attempt === 2)).toMatchObject({
      worktreeOrigin: 'fresh',
    });
    const said = daemon.said.join('');
    expect(said).toContain(
      'Warning: the existing worktree is kept, but not used. Plain git does not work in',
    );
    expect(said).toContain('git says: fatal: not a git repository: /nowhere');
    const [, asideDir] = /An older folder was kept at (.*)\n/.exec(said)!;
    expect(readFileSync(join(asideDir!, 'example', 'work.txt'), 'utf8')).toBe('work\n');
    await eventually(() =>
      expect(readFileSync(join(worktreeDir, 'status.txt'), 'utf8')).toContain(
        'On branch patchpoint/example-',
      ),
    );
  });

  it('are reused where plain git works, with what is in them', async () => {
    const first = aSpawn({ repoUrl, plan: 'echo work > work.txt; git config core.editor true' });
    await daemon.agent.runs.start(first);
    await daemon.untilReported('completed');
    const worktreeDir = await daemon.run({ ...first, attempt: 2, resumeSession: true, plan: WAIT });
    expect(daemon.said.join('')).toContain(`Resuming in the existing worktree at ${worktreeDir}`);
    expect(readFileSync(join(worktreeDir, 'work.txt'), 'utf8')).toBe('work\n');
    expect(daemon.agent.registry.get(first.taskId)).toMatchObject({
      gitDir: join(worktreeDir, '..', 'repository.git'),
    });
  });

  it('are started in only where plain git works', async () => {
    const configFile = join(home, '.gitconfig');
    writeFileSync(configFile, '[nonsense\n');
    await daemon.agent.runs.start(aSpawn({ repoUrl }));
    const { reason } = await daemon.untilReported('failed');
    expect(reason).toMatch(
      /Plain git does not work in .*git says: fatal: bad config line 1 in file .*gitconfig/,
    );
    expect(daemon.reports.map(({ report }) => report)).toEqual(['failed']);
    rmSync(configFile);
  });

  it('are no part of a repository that the state folder lies in, not even without their own', async () => {
    execaSync('git', ['init', '--quiet', '--initial-branch=outer', daemon.stateDir]);
    const worktreeDir = await daemon.run(
      aSpawn({ repoUrl, plan: `rm .git; git add -A 2> said.txt; touch done.txt\n${WAIT}` }),
    );
    await eventually(() => expect(existsSync(join(worktreeDir, 'done.txt'))).toBe(true));
    expect(readFileSync(join(worktreeDir, 'said.txt'), 'utf8')).toContain('not a git repository');
    expect(git(daemon.stateDir, 'ls-files')).toBe('');
  });

  it('go with their repositories when they are cleaned up', async () => {
    const spawn = aSpawn({ repoUrl, plan: 'echo work > work.txt' });
    await daemon.agent.runs.start(spawn);
    await daemon.untilReported('completed');
    await daemon.confirmAll();
    const worktrees = join(daemon.stateDir, 'worktrees');
    expect(readdirSync(worktrees)).toHaveLength(1);
    const order = { taskId: spawn.taskId, attempt: 1, force: true };
    await daemon.agent.cleanupWorktree(order as Parameters<typeof daemon.agent.cleanupWorktree>[0]);
    expect(readdirSync(worktrees)).toEqual([]);
    expect(existsSync(join(daemon.stateDir, 'mirrors'))).toBe(true);
  });
});
