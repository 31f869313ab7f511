import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { execaSync } from 'execa';
import { PatchStoreClient } from '#client';
import type { TaskSummary } from '#contracts';
import { eventually, temporaryFolder, useStack } from '#testing';
import { fault } from '../testing/fault.js';
import { runCli } from '../testing/use-cli.js';

const PATIENCE = { timeoutMs: 60_000, intervalMs: 100 };

const stack = useStack({ ingestReplicas: 1, daemonIds: [] });
let home: string;
let worktreeDir: string;

beforeEach(() => {
  home = temporaryFolder();
  worktreeDir = join(home, 'site');
  mkdirSync(worktreeDir);
  const git = (...args: string[]) => execaSync('git', args, { cwd: worktreeDir });
  git('init', '--quiet', '--initial-branch=main');
  writeFileSync(join(worktreeDir, 'page.txt'), 'committed\n');
  git('add', '-A');
  git('-c', 'user.name=A', '-c', 'user.email=a@b.c', 'commit', '--quiet', '--message=first');
  writeFileSync(join(worktreeDir, 'page.txt'), 'edited\n');
});

function watch(args: readonly string[] = [], env: Record<string, string> = {}) {
  return runCli(home, ['watch', worktreeDir, ...args], {
    PATCHPOINT_SERVER: stack().patchStore.url,
    NATS_URL: stack().nats.url,
    ...env,
  });
}

/** The task of the last watch of this test. */
async function taskOfTest(): Promise<TaskSummary> {
  for await (const task of new PatchStoreClient(stack().patchStore.url).tasks()) return task;
  throw new Error('There is no task.');
}

/** What this machine remembers of the watched worktree. */
function watchFolder(): string {
  const folder = join(home, 'state/patchpoint/watch');
  return join(folder, readdirSync(folder)[0]!);
}

describe('patchpoint watch --once', () => {
  it('stores the last state, and says so', async () => {
    const { stdout, exitCode } = await watch(['--once']);
    expect(stdout).toMatch(
      /stored @1 .*\nEnded\. The last state is stored\. .*@1\. .*\n {2}patchpoint restore site/,
    );
    expect(exitCode).toBe(0);
    expect(await taskOfTest()).toMatchObject({ state: 'stopped', unsavedWork: false });
  });

  fault('F32', 'a capture takes longer than every grace period: it takes as long as it takes', async () => {
    for (let folder = 0; folder < 100; folder += 1) {
      mkdirSync(join(worktreeDir, `${folder}`));
      for (let file = 0; file < 100; file += 1)
        writeFileSync(join(worktreeDir, `${folder}/${file}`), `${file}`);
    }
    const { stdout, exitCode } = await watch(['--once'], { PATCHPOINT_STOP_GRACE_SECONDS: '1' });
    expect(stdout).toContain('Ended. The last state is stored.');
    expect(exitCode).toBe(0);
  });

  it('fails when the capture fails, with the reason', async () => {
    await watch(['--once']);
    const shadow = join(watchFolder(), 'agent/shadows', (await taskOfTest()).id);
    rmSync(shadow, { recursive: true });
    writeFileSync(shadow, 'no folder');
    const { stdout, stderr, exitCode } = await watch(['--once']);
    // Compared at once: where one is not as it should be, the others say why.
    expect({ stdout, stderr, exitCode }).toEqual({
      stdout: expect.stringContaining('Ended. The last state could not be captured.'),
      stderr: expect.stringMatching(/The last state is in no checkpoint: \S/),
      exitCode: 1,
    });
    expect(await taskOfTest()).toMatchObject({ state: 'stopped', unsavedWork: true });
  });

  it('fails when there is nothing to restore, and does not offer to', async () => {
    const big = Array.from({ length: 5000 }, () => Math.random().toString(36)).join('\n');
    writeFileSync(join(worktreeDir, 'page.txt'), big);
    const limits = { PATCHPOINT_MAX_PATCH_SIZE_BYTES: '1024', PATCHPOINT_BUNDLES: 'never' };
    const { stdout, stderr, exitCode } = await watch(['--once'], limits);
    expect(stderr).toMatch(/@1 holds nothing to restore: .*PATCHPOINT_MAX_PATCH_SIZE_BYTES/s);
    expect(stdout).not.toContain('patchpoint restore');
    expect(exitCode).toBe(1);
  });
});

describe('patchpoint watch, of a clone whose remote has another address now', () => {
  const git = (...args: string[]) => execaSync('git', args, { cwd: worktreeDir });
  let [before, now] = ['', ''];

  beforeEach(() => {
    [before, now] = [join(home, 'before.git'), join(home, 'now.git')];
    execaSync('git', ['clone', '--quiet', '--bare', worktreeDir, before]);
    git('remote', 'add', 'origin', before);
    git('fetch', '--quiet');
  });

  it('says that it begins a new task; --task goes on with the earlier one, from the new address', async () => {
    expect((await watch(['--once'])).exitCode).toBe(0);
    const earlier = await taskOfTest();
    renameSync(before, now);
    git('remote', 'set-url', 'origin', now);

    const { stdout } = await watch(['--once']);
    const [line] = stdout.split('\n');
    expect(line).toContain(`file://${before}`);
    expect(line).toContain(`file://${now}`);
    const [, ...command] = /: patchpoint (\S+) (\S+) (\S+) (\S+)$/.exec(line!)!;
    expect((await taskOfTest()).id).not.toBe(earlier.id);

    const asked = await runCli(home, [...command, '--once'], {
      PATCHPOINT_SERVER: stack().patchStore.url,
      NATS_URL: stack().nats.url,
    });
    expect(asked.stdout).toContain('Ended. The last state is stored.');
    const client = new PatchStoreClient(stack().patchStore.url);
    expect(await client.task(earlier.id)).toMatchObject({ attempt: 2, repoUrl: `file://${now}` });
    // And from now on without being asked.
    expect((await watch(['--once'])).stdout).not.toContain('new task');
    expect(await client.task(earlier.id)).toMatchObject({ attempt: 3 });
    const found = join(home, 'found');
    const restored = await runCli(home, ['restore', `${earlier.id}@1`, '--into', found], {
      PATCHPOINT_SERVER: stack().patchStore.url,
    });
    expect(restored.exitCode).toBe(0);
    expect(existsSync(join(found, 'page.txt'))).toBe(true);
  });

  it('leaves the task its address when there is no remote any more', async () => {
    expect((await watch(['--once'])).exitCode).toBe(0);
    const earlier = await taskOfTest();
    git('remote', 'remove', 'origin');
    expect((await watch(['--once', '--task', earlier.id])).exitCode).toBe(0);
    const client = new PatchStoreClient(stack().patchStore.url);
    expect(await client.task(earlier.id)).toMatchObject({ attempt: 2, repoUrl: `file://${before}` });
  });

  it('refuses to go on with a task that is no watch of this worktree', async () => {
    expect((await watch(['--once'])).exitCode).toBe(0);
    const { id } = await taskOfTest();
    const other = join(home, 'other');
    execaSync('git', ['init', '--quiet', other]);
    const { stderr, exitCode } = await runCli(home, ['watch', other, '--task', id], {
      PATCHPOINT_SERVER: stack().patchStore.url,
      NATS_URL: stack().nats.url,
    });
    expect(stderr).toContain(`is no watch of ${other}`);
    expect(exitCode).toBe(2);
  });
});

describe('patchpoint watch', () => {
  /** A watch that has stored its first checkpoint. */
  async function running(env: Record<string, string> = {}) {
    const watching = watch(['--every', '1s'], env);
    let said = '';
    watching.stdout.on('data', (text: Buffer) => (said += text.toString()));
    await eventually(() => expect(said).toContain('stored @1'), PATIENCE);
    return { watching }; // in an object: it is a promise of its end
  }

  it('takes a last checkpoint at Ctrl-C, and ends well', async () => {
    const { watching } = await running();
    writeFileSync(join(worktreeDir, 'last.txt'), 'a last word\n');
    watching.kill('SIGINT');
    const { stdout, exitCode } = await watching;
    expect(stdout).toContain('Ended. The last state is stored.');
    expect(exitCode).toBe(0);
    const { id, lastCheckpointNumber } = await taskOfTest();
    const client = new PatchStoreClient(stack().patchStore.url);
    const { files } = await client.checkpoint(id, lastCheckpointNumber);
    expect(files!.map(({ path }) => path)).toContain('last.txt');
  });

  it('fails at Ctrl-C when the last capture fails', async () => {
    const { watching } = await running();
    const shadow = join(watchFolder(), 'agent/shadows', (await taskOfTest()).id);
    rmSync(shadow, { recursive: true });
    writeFileSync(shadow, 'no folder');
    watching.kill('SIGINT');
    const { stderr, exitCode } = await watching;
    expect(stderr).toContain('The last state is in no checkpoint');
    expect(exitCode).toBe(1);
  });

  it('that was killed is reported as cut off by the next one', async () => {
    const { watching } = await running();
    watching.kill('SIGKILL');
    await watching;
    const { id, attempt } = await taskOfTest();
    expect((await watch(['--once'])).exitCode).toBe(0);
    const since = new Date(Date.now() - 600_000).toISOString();
    const events = await new PatchStoreClient(stack().patchStore.url).events(
      { task: id, since },
      AbortSignal.timeout(30_000),
    );
    for await (const { event, data } of events) {
      if (event !== 'task-failed') continue;
      expect(JSON.parse(data)).toMatchObject({ attempt, reason: expect.stringContaining('cut off') });
      return;
    }
  });
});
