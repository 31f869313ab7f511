import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { eventually } from '#testing';
import { aSpawn, OfflineAgent, WAIT } from '../../testing/offline-agent.js';
import { endStrays, findStrays } from './stray-processes.js';

beforeAll(() => Logger.overrideLogger(false));

describe('a process that leaves the group of its agent', () => {
  let daemon: OfflineAgent;
  const taskIds: string[] = [];
  afterEach(async () => {
    for (const taskId of taskIds.splice(0)) {
      const worktreeDir = daemon.agent.registry.get(taskId)?.worktreeDir;
      if (worktreeDir !== undefined) await endStrays(await findStrays(taskId, worktreeDir), 0);
    }
    await daemon.close();
  });

  /** A task whose agent has left a server behind, and then does `rest`. */
  async function withServer(rest: string, environment: Record<string, string> = {}) {
    daemon = await OfflineAgent.open({ environment });
    await daemon.agent.start();
    const server = `setsid sh -c 'touch up; exec sleep 600' </dev/null >/dev/null 2>&1 &
while [ ! -e up ]; do sleep 0.05; done`;
    const order = aSpawn({ plan: `${server}\n${rest}` });
    taskIds.push(order.taskId);
    await daemon.run(order);
    const { worktreeDir } = daemon.agent.registry.get(order.taskId)!;
    const strays = () => findStrays(order.taskId, worktreeDir!);
    return { taskId: order.taskId, worktreeDir: worktreeDir!, strays };
  }

  it('is named when the agent has ended by its own will, and goes on', async () => {
    const { strays } = await withServer('exit 0');
    await daemon.untilReported('completed');
    const [server] = await strays();
    expect(server!.command).toBe('sleep 600');
    expect(daemon.reports.at(-1)!.reason).toBe(`still running in the worktree: ${server!.pid} (sleep 600)`);
  });

  it('is ended when the task is stopped', async () => {
    const { taskId, strays } = await withServer(WAIT);
    await eventually(async () =>
      expect((await strays()).map(({ command }) => command)).toContain('sleep 600'),
    );
    await daemon.agent.runs.stop(taskId, 1, 'enough');
    expect(await strays()).toEqual([]);
    expect(daemon.reports.at(-1)).toMatchObject({ report: 'stopped', reason: 'enough' });
  });

  it('is not ended where the operator wants it to go on', async () => {
    const { taskId, strays } = await withServer(WAIT, { PATCHPOINT_END_STRAYS: 'false' });
    await eventually(async () =>
      expect((await strays()).map(({ command }) => command)).toContain('sleep 600'),
    );
    await daemon.agent.runs.stop(taskId, 1, 'enough');
    expect((await strays()).map(({ command }) => command)).toEqual(['sleep 600']);
  });

  it('is ended when its worktree is cleaned up', async () => {
    const { taskId, worktreeDir, strays } = await withServer('exit 0');
    await daemon.untilReported('completed');
    await daemon.confirmAll();
    await daemon.agent.cleanupWorktree({ taskId, attempt: 1, force: true } as never);
    expect(existsSync(worktreeDir)).toBe(false);
    expect(await strays()).toEqual([]);
  });

  it('is not a person who works in the worktree', async () => {
    const { taskId, worktreeDir, strays } = await withServer(WAIT);
    await eventually(async () =>
      expect((await strays()).map(({ command }) => command)).toContain('sleep 600'),
    );
    const person = spawn('sleep', ['601'], { cwd: worktreeDir });
    try {
      await daemon.agent.runs.stop(taskId, 1, 'enough');
      expect(await strays()).toEqual([]);
      expect(person.exitCode).toBeNull();
      expect(person.signalCode).toBeNull();
    } finally {
      person.kill('SIGKILL');
    }
  });
});
