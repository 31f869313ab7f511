import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { execaSync } from 'execa';
import { v7 as uuidv7 } from 'uuid';
import { computeTreeSha } from '#git';
import { loseMachine } from '#embedded';
import { eventually, temporaryFolder } from '#testing';
import { runCli } from '../testing/use-cli.js';
import { useDrivenStack } from '../testing/use-driven-stack.js';
import { sourceRepository } from '../testing/source-repository.js';

const PATIENCE = { timeoutMs: 60_000, intervalMs: 50 };
const WAIT = 'while :; do sleep 1; done';

describe('the setup of an agent', () => {
  const test = useDrivenStack({ ingestReplicas: 1, daemonIds: [] });

  const startDaemon = (daemonId: string, variables: Record<string, string> = {}) =>
    test.stack.startAgent(daemonId, {
      PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS: '1',
      PATCHPOINT_TASK_STOP_SECONDS: '1',
      PATCHPOINT_ALLOW_FILE_PROTOCOL: 'true',
      ...variables,
    });

  /** A repository that ignores what setup makes and what is included. */
  const source = (project: object): string =>
    sourceRepository({
      '.gitignore': '.env.local\nlog\ndeps/\n',
      '.patchpoint.json': JSON.stringify(project),
    }).url;

  const run = (daemonId: string, task: { repoUrl: string; setup?: string; plan: string }) =>
    test.run({ id: uuidv7(), daemonId, ...task });

  const untilLog = (worktreePath: string, content: string): Promise<void> =>
    eventually(() => expect(readFileSync(join(worktreePath, 'log'), 'utf8')).toBe(content), PATIENCE);

  async function stop(taskId: string, attempt = 1): Promise<void> {
    await test.patchStore.stopTask(taskId, 'enough');
    await test.untilState(taskId, 'stopped', attempt);
  }

  it('runs where the worktree was made or restored, with what is included, and not where it is reused', async () => {
    await startDaemon('one');
    const repoUrl = source({
      setup:
        'echo "setup of $PATCHPOINT_TASK_ID" && mkdir deps && touch deps/one && cat .env.local >> log || echo no env >> log',
      include: ['.env.local'],
    });
    const { taskId, feed } = await run('one', { repoUrl, plan: `echo agent >> log; ${WAIT}` });
    const first = await test.untilState(taskId, 'running');
    await feed.untilSaid(`setup of ${taskId}\n`);
    await feed.untilSaid('Setup finished in');
    await untilLog(first.worktreePath!, 'no env\nagent\n');
    writeFileSync(join(first.worktreePath!, '.env.local'), 'A=1\r\n', { mode: 0o600 });
    writeFileSync(join(first.worktreePath!, 'work.txt'), 'an idea\n');
    const held = await test.untilCheckpoint(taskId, ({ filesChanged }) => filesChanged === 2);
    const committed = execaSync('git', ['ls-tree', '--name-only', 'HEAD'], { cwd: first.worktreePath! });
    expect(committed.stdout.split('\n')).toEqual(['.gitignore', '.patchpoint.json', 'work.txt']);
    await loseMachine(test.stack, 'one', taskId);

    await startDaemon('two');
    await test.patchStore.resumeTask(taskId, { daemonId: 'two', force: true });
    const restored = await feed.untilRestored();
    expect(restored.treeSha).toBe(held.treeSha);
    const { worktreePath } = await test.untilState(taskId, 'running', 2);
    await untilLog(worktreePath!, 'A=1\r\nagent\n');
    const status = execaSync('git', ['status', '--porcelain', '--ignored'], { cwd: worktreePath! });
    expect(status.stdout.split('\n')).toEqual(['!! .env.local', '!! deps/', '!! log']);
    const shadowDir = join(temporaryFolder(), 'shadow');
    expect(await computeTreeSha({ worktreeDir: worktreePath!, shadowDir })).toBe(held.treeSha);
    await stop(taskId, 2);

    await test.patchStore.resumeTask(taskId, { daemonId: 'two' });
    await test.untilState(taskId, 'running', 3);
    await untilLog(worktreePath!, 'A=1\r\nagent\nagent\n');
    await test.stack.agent('two').kill();
    await startDaemon('two');
    await untilLog(worktreePath!, 'A=1\r\nagent\nagent\nagent\n');
    await stop(taskId, 3);
  });

  it('is said where it fails, in output, task and brief, and the agent starts all the same', async () => {
    await startDaemon('failing');
    const { taskId, feed } = await run('failing', {
      repoUrl: source({ setup: 'echo "no registry" >&2; exit 3' }),
      plan: `cat "$PATCHPOINT_RECOVERY_BRIEF"; ${WAIT}`,
    });
    const task = await test.untilState(taskId, 'running');
    expect(task.stateReason).toBe('the setup command failed: exit code 3');
    await feed.untilSaid('Setup: echo "no registry" >&2; exit 3');
    await feed.untilSaid('Warning: the setup command failed: exit code 3');
    await feed.untilSaid('failed: exit code 3. What it was to make may be missing.\n\n    no registry');
    await stop(taskId);
  });

  it('is ended when it takes too long, with all that it started', async () => {
    await startDaemon('slow', { PATCHPOINT_SETUP_TIMEOUT_SECONDS: '1' });
    const pidFile = join(temporaryFolder(), 'pid');
    const { taskId, feed } = await run('slow', {
      repoUrl: 'new://slow',
      setup: `trap '' TERM; sleep 600 & echo $! > ${pidFile}; sleep 600`,
      plan: `echo agent; ${WAIT}`,
    });
    const task = await test.untilState(taskId, 'running');
    const reason = 'the setup command failed: it ran longer than 1 s (PATCHPOINT_SETUP_TIMEOUT_SECONDS)';
    expect(task.stateReason).toBe(reason);
    await feed.untilSaid(`Warning: ${reason}`);
    await feed.untilSaid('agent\n');
    await untilGone(pidFile);
    await stop(taskId);
  });

  it('ends with a task that is stopped, and runs again when that is resumed', async () => {
    await startDaemon('stopped');
    const folder = temporaryFolder();
    const [pidFile, once] = [join(folder, 'pid'), join(folder, 'once')];
    const { taskId, feed } = await run('stopped', {
      repoUrl: source({ setup: 'exit 1' }),
      setup: `echo "$PATCHPOINT_ATTEMPT" >> log; [ -e ${once} ] && exit; touch ${once}; sleep 600 & echo $! > ${pidFile}; wait`,
      plan: `echo agent >> log; ${WAIT}`,
    });
    await eventually(() => expect(readFileSync(pidFile, 'utf8')).toMatch(/^\d+\n$/), PATIENCE);
    expect(await test.patchStore.task(taskId)).toMatchObject({
      state: 'spawning',
      setup: expect.stringContaining('touch'),
    });
    await stop(taskId);
    await untilGone(pidFile);

    await test.patchStore.resumeTask(taskId, { daemonId: 'stopped' });
    const { worktreePath, stateReason } = await test.untilState(taskId, 'running', 2);
    expect(stateReason).toBeNull();
    await feed.untilSaid('Setup finished in');
    await untilLog(worktreePath!, '1\n2\nagent\n');
    await stop(taskId, 2);
  });

  it('is not captured while it runs, except on request', async () => {
    await startDaemon('working');
    const gate = join(temporaryFolder(), 'gate');
    const { taskId } = await run('working', {
      repoUrl: source({}),
      setup: `echo half > half.txt; while [ ! -e ${gate} ]; do sleep 0.1; done; echo whole > half.txt`,
      plan: WAIT,
    });
    // Another task of this daemon, which is captured every second.
    const other = await run('working', {
      repoUrl: 'new://other',
      plan: `while date > now; do sleep 1; done`,
    });
    await test.untilCheckpoint(other.taskId, ({ number }) => number === 3);
    expect(await test.patchStore.checkpoints(taskId)).toEqual([]);
    await test.patchStore.createCheckpoint(taskId, 'half way');
    const onRequest = await test.untilCheckpoint(taskId, ({ number }) => number === 1);
    expect(onRequest).toMatchObject({ kind: 'manual', message: 'half way', filesChanged: 1 });
    writeFileSync(gate, '');
    await test.untilCheckpoint(taskId, ({ number, kind }) => number === 2 && kind === 'heartbeat');
    await stop(taskId);
    await stop(other.taskId);
  });

  it('is ended with a daemon that was killed, and runs again in the same worktree', async () => {
    await startDaemon('killed');
    const folder = temporaryFolder();
    const [pidFile, once] = [join(folder, 'pid'), join(folder, 'once')];
    const { taskId } = await run('killed', {
      repoUrl: source({}),
      setup: `echo setup >> log; [ -e ${once} ] && exit; touch ${once}; sleep 600 & echo $! > ${pidFile}; wait`,
      plan: `echo agent >> log; ${WAIT}`,
    });
    await eventually(() => expect(readFileSync(pidFile, 'utf8')).toMatch(/^\d+\n$/), PATIENCE);
    await test.stack.agent('killed').kill();
    await startDaemon('killed');
    const { worktreePath } = await test.untilState(taskId, 'running');
    await untilGone(pidFile);
    await untilLog(worktreePath!, 'setup\nsetup\nagent\n');
    await stop(taskId);
  });

  it('is printed by restore and watch, which never run it', async () => {
    await startDaemon('printing');
    const repoUrl = source({ setup: 'touch log', include: ['.env.local', 'node_modules'] });
    const home = temporaryFolder();
    const env = { PATCHPOINT_SERVER: test.stack.patchStore.url, NATS_URL: test.stack.nats.url };
    const options = ['--repo', repoUrl, '--runner', 'shell', '--daemon', 'printing', '--setup', '', '--json'];
    const created = await runCli(home, ['run', ...options, '--', 'echo A=1 > .env.local'], env);
    const { id: taskId, setup } = JSON.parse(created.stdout);
    expect(setup).toBe('');
    await test.untilState(taskId, 'completed');
    await test.untilCheckpoint(taskId, ({ kind }) => kind === 'final');
    const ofRepository = await run('printing', { repoUrl, plan: 'echo A=1 > .env.local' });
    await test.untilState(ofRepository.taskId, 'completed');
    await test.untilCheckpoint(ofRepository.taskId, ({ kind }) => kind === 'final');
    const shown = await runCli(home, ['show', taskId], env);
    expect(shown.stdout).toMatch(/\.patchpoint\.json +not-used: "include"\[1\], node_modules, would take/);
    const without = await runCli(home, ['restore', taskId, '--into', 'without', '--json'], env);
    expect(JSON.parse(without.stdout)).toMatchObject({ setup: null });
    const restored = await runCli(home, ['restore', ofRepository.taskId, '--into', 'found'], env);
    expect(restored.stdout).toContain(`cd ${join(home, 'found')}\n  touch log   # its setup; not run here`);
    const watched = await runCli(home, ['watch', 'found', '--once'], env);
    expect(watched.stderr).toContain('and nothing here: touch log');
    expect(watched.exitCode).toBe(0);
    expect(readFileSync(join(home, 'found', '.env.local'), 'utf8')).toBe('A=1\n');
    expect(existsSync(join(home, 'found', 'log'))).toBe(false);
  });
});

/** The process whose id the file holds has ended. */
function untilGone(pidFile: string): Promise<void> {
  return eventually(() => {
    const stat = `/proc/${readFileSync(pidFile, 'utf8').trim()}/stat`;
    expect(existsSync(stat) && !/\) Z /.test(readFileSync(stat, 'utf8'))).toBe(false);
  }, PATIENCE);
}
