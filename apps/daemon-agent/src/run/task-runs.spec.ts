import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { ContractError } from '#contracts';
import { eventually, temporaryFolder } from '#testing';
import { flipBit } from '../../testing/flip-bit.js';
import { aSpawn, OfflineAgent, runs, WAIT } from '../../testing/offline-agent.js';
import { openStateFolder } from '../state/state-folder.js';
import { startAgentProcess } from '../processes/agent-process.js';
import { TaskRegistry } from '../state/task-registry.js';

const open: OfflineAgent[] = [];
async function anAgent(options: Parameters<typeof OfflineAgent.open>[0] = {}): Promise<OfflineAgent> {
  const agent = await OfflineAgent.open(options);
  open.push(agent);
  await agent.agent.start();
  return agent;
}

beforeAll(() => Logger.overrideLogger(false));
afterEach(async () => {
  await Promise.all(open.splice(0).map((agent) => agent.close()));
});

describe('a daemon that is stopped', () => {
  it('releases its tasks once their final captures are stored', async () => {
    const daemon = await anAgent();
    await daemon.run(aSpawn());
    const stopped = daemon.agent.finish();
    await eventually(() => expect(daemon.agent.spool.pending()).toMatchObject([{ kind: 'final' }]));
    // Another report, made later than a premature release would be.
    await daemon.agent.runs.refuse(aSpawn({ attempt: 9 }), 'no');
    await daemon.untilReported('failed', 9);
    expect(daemon.reports.map(({ report }) => report)).toEqual(['started', 'failed']);
    await daemon.confirmAll();
    await stopped;
    expect(daemon.reports.at(-1)).toMatchObject({ report: 'released', reason: 'the daemon is stopping' });
    expect(daemon.agent.registry.active()).toEqual([]);
  });

  it('releases them at the end of the grace period, and keeps unconfirmed captures', async () => {
    const daemon = await anAgent({ environment: { PATCHPOINT_STOP_GRACE_SECONDS: '1' } });
    await daemon.run(aSpawn());
    await daemon.agent.finish();
    await eventually(() => expect(daemon.reports.at(-1)).toMatchObject({ report: 'released' }));
    expect(daemon.reports.at(-1)!.reason).toContain('not confirmed yet');
    expect(daemon.agent.spool.pending()).toHaveLength(1);
  });

  it('reports a task that is stopped on request as stopped, not as released', async () => {
    const daemon = await anAgent();
    const spawn = aSpawn({ plan: `trap "sleep 0.3; exit 0" TERM\n${WAIT}` });
    await daemon.run(spawn);
    const released = daemon.agent.runs.releaseAll('the daemon is stopping', 0);
    await daemon.agent.runs.stop(spawn.taskId, 1, 'enough');
    await released;
    expect(daemon.reports.at(-1)).toMatchObject({ report: 'stopped', reason: 'enough' });
  });
});

describe('an order to stop', () => {
  it.each([
    ['for an older attempt leaves the newer one running', 1, false],
    ['for the running attempt ends it', 2, true],
    ['for a newer attempt ends the superseded one', 3, true],
  ])('%s', async (_, ordered, ends) => {
    const daemon = await anAgent();
    const spawn = aSpawn({ attempt: 2 });
    const work = join(await daemon.run(spawn), 'work.txt');
    await eventually(() => expect(existsSync(work)).toBe(true));
    await daemon.agent.runs.stop(spawn.taskId, ordered, 'stop');
    expect(daemon.agent.runs.runningAttempt(spawn.taskId)).toBe(ends ? undefined : 2);
    if (ends) expect(daemon.agent.spool.pending()).toMatchObject([{ kind: 'final' }]);
    expect(existsSync(work)).toBe(true);
  });
});

describe('a daemon that was killed', () => {
  /**
   * What is on its disk when it starts again: a task that runs in its worktree, and its process, which
   * outlived it.
   */
  async function whatIsLeft() {
    const stateDir = temporaryFolder();
    const daemon = await OfflineAgent.open({ stateDir });
    const spawn = aSpawn({ plan: `echo "resumed: $PATCHPOINT_RESUMED" >> lives.txt\n${WAIT}` });
    await daemon.agent.runs.start(spawn);
    const { worktreePath } = await daemon.untilReported('started');
    await eventually(() => expect(livesIn(worktreePath!)).toBe('resumed: false\n'));
    await daemon.agent.runs.releaseAll('the daemon is killed', 0);
    await daemon.close();
    const survivor = await startAgentProcess({
      file: 'sh',
      args: ['-c', WAIT],
      stdin: '',
      cwd: worktreePath!,
      environment: { PATH: process.env['PATH']! },
      onOutput: () => undefined,
    });
    const registry = await TaskRegistry.open(openStateFolder(stateDir).tasks);
    await registry.update(spawn.taskId, {
      phase: 'running',
      process: { pid: survivor.pid, startedAt: survivor.startedAt },
    });
    return { stateDir, spawn, worktreeDir: worktreePath!, survivor };
  }
  const livesIn = (worktreeDir: string): string => readFileSync(join(worktreeDir, 'lives.txt'), 'utf8');

  it('ends the process that outlived it and continues in the worktree, once patch-store has granted the claim', async () => {
    const { stateDir, worktreeDir, survivor } = await whatIsLeft();
    let isThere = false;
    let asked = 0;
    const claim = async (): Promise<void> => {
      asked += 1;
      if (!isThere) throw new Error('patch-store is away');
    };
    const daemon = await anAgent({ stateDir, transport: { claim } });
    await eventually(() => expect(asked).toBeGreaterThan(0));
    expect(runs(survivor.pid)).toBe(false);
    expect(daemon.reports).toEqual([]);
    isThere = true;
    expect(await daemon.untilReported('started')).toMatchObject({
      worktreeOrigin: 'reused',
      worktreePath: worktreeDir,
    });
    await eventually(() => expect(livesIn(worktreeDir)).toBe('resumed: false\nresumed: true\n'));
  });

  it('takes a final capture of a task that was resumed elsewhere, keeps the worktree, and reports nothing', async () => {
    const { stateDir, spawn, worktreeDir, survivor } = await whatIsLeft();
    const claim = async (): Promise<void> => {
      throw new ContractError('ATTEMPT_SUPERSEDED', 'Attempt 1 was superseded by attempt 2. Drop it.');
    };
    const daemon = await anAgent({ stateDir, transport: { claim } });
    await eventually(() => expect(daemon.agent.registry.active()).toEqual([]));
    expect(runs(survivor.pid)).toBe(false);
    expect(daemon.agent.spool.pending()).toMatchObject([{ taskId: spawn.taskId, kind: 'final' }]);
    expect(daemon.reports).toEqual([]);
    expect(livesIn(worktreeDir)).toBe('resumed: false\n');
  });

  it('obeys an order to stop that arrived before it was running again', async () => {
    const { stateDir, spawn, worktreeDir } = await whatIsLeft();
    const daemon = await OfflineAgent.open({ stateDir });
    open.push(daemon);
    const stopped = daemon.agent.stopTask({
      schemaVersion: 1,
      eventId: spawn.eventId,
      daemonId: 'daemon-1',
      taskId: spawn.taskId,
      attempt: 1,
      reason: 'enough',
    });
    await daemon.agent.start();
    await stopped;
    await eventually(() => expect(daemon.reports.at(-1)).toMatchObject({ report: 'stopped' }));
    expect(existsSync(worktreeDir)).toBe(true);
  });
});

describe('a checkpoint that was damaged on disk before it was stored', () => {
  it('is replaced at the next capture, although the worktree did not change', async () => {
    const daemon = await anAgent({ environment: { PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS: '1' } });
    // Nothing changes: there is one capture, and no reason for another.
    await daemon.run(aSpawn({ plan: WAIT }));
    const [first] = await eventually(() => {
      expect(daemon.agent.spool.pending()).toHaveLength(1);
      return daemon.agent.spool.pending();
    });
    flipBit(join(daemon.stateDir, 'spool', `${first!.eventId}.checkpoint`));
    daemon.agent.reconnected();
    await eventually(() => {
      const [again] = daemon.agent.spool.pending();
      expect(again).toMatchObject({ sequence: first!.sequence + 1, patchSha256: first!.patchSha256 });
    });
    await eventually(() => expect(daemon.said.join('')).toContain('damaged on disk before it was stored'));
  });
});
