import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { execaSync } from 'execa';
import { v7 as uuidv7 } from 'uuid';
import { CheckpointCreated, decode, TaskReported } from '#contracts';
import { eventually, temporaryFolder } from '#testing';
import { OfflineAgent } from '../../testing/offline-agent.js';
import { offlineSpawn } from './offline-spawn.js';

/** A daemon that watches a worktree, and the process that started it: here, the test. */
describe('a watch without a server', () => {
  let worktreeDir: string;
  let stateDir: string;
  let sent: CheckpointCreated[];
  const open: OfflineAgent[] = [];
  const task = { taskId: '', name: 'site', repoUrl: 'new://site', plan: '' };

  beforeAll(() => Logger.overrideLogger(false));
  beforeEach(() => {
    [worktreeDir, stateDir, sent] = [temporaryFolder(), temporaryFolder(), []];
    task.taskId = uuidv7();
    execaSync('git', ['init', '--quiet'], { cwd: worktreeDir });
  });
  afterEach(async () => {
    for (const each of open.splice(0)) await close(each);
  });

  it('captures, and sends and reports nothing', async () => {
    const daemon = await watcher();
    await daemon.agent.obey({ type: 'watch-offline', ...task });
    await captured(daemon, 1);
    daemon.agent.reconnected();
    await daemon.agent.obey({ type: 'end-watch' });
    expect(daemon.agent.spool.pending().map(({ sequence }) => sequence)).toEqual([1, 2]);
    expect([sent, daemon.reports]).toEqual([[], []]);
  });

  it('goes on with its numbers after a crash, and under the attempt that is claimed first', async () => {
    const first = await watcher();
    await first.agent.obey({ type: 'watch-offline', ...task });
    await captured(first, 1);
    // As after SIGKILL: the disk is all that the next one has.
    const second = await watcher();
    await second.agent.obey({ type: 'watch-offline', ...task });
    write('two');
    await captured(second, 2);
    expect(second.agent.spool.pending().map(({ sequence }) => sequence)).toEqual([1, 2]);
    await second.agent.obey({ type: 'hand-over', taskId: task.taskId, isUnknown: true });
    await second.agent.runs.start(offlineSpawn(task, 3));
    await second.agent.obey({ type: 'deliver', taskIds: [task.taskId] });
    write('three');
    await eventually(() => expect(sent).toHaveLength(3));
    expect(sent.map(({ attempt, sequence }) => [attempt, sequence])).toEqual([
      [3, 1],
      [3, 2],
      [3, 3],
    ]);
    await second.untilReported('started', 3);
  });

  it('goes on with the numbers of an attempt that it had, and sends them when its server is there', async () => {
    const daemon = await watcher();
    await daemon.agent.obey({ type: 'deliver', taskIds: [task.taskId] });
    await daemon.agent.runs.start(offlineSpawn(task, 2));
    await eventually(() => expect(sent).toHaveLength(1));
    daemon.agent.disconnected();
    await daemon.agent.obey({ type: 'hand-over', taskId: task.taskId, isUnknown: false });
    await daemon.agent.obey({ type: 'watch-offline', ...task });
    write('two');
    await captured(daemon, 2);
    daemon.agent.reconnected();
    expect(sent).toHaveLength(1);
    await daemon.agent.obey({ type: 'deliver', taskIds: [task.taskId] });
    await eventually(() => expect(sent.at(-1)).toMatchObject({ attempt: 2, sequence: 2 }));
  });

  it('forgets the reports of attempts that another server never gave', async () => {
    const daemon = await watcher();
    await daemon.agent.runs.start(offlineSpawn(task, 2));
    await captured(daemon, 1);
    await daemon.agent.obey({ type: 'hand-over', taskId: task.taskId, isUnknown: true });
    await daemon.agent.runs.start(offlineSpawn(task, 1));
    await daemon.agent.obey({ type: 'deliver', taskIds: [task.taskId] });
    await daemon.untilReported('started', 1);
    expect(daemon.reports.map(({ attempt }) => attempt)).toEqual([1]);
  });

  function write(text: string): void {
    writeFileSync(join(worktreeDir, 'page.txt'), text);
  }

  async function captured(daemon: OfflineAgent, count: number): Promise<void> {
    await eventually(() => expect(daemon.agent.spool.pending()).toHaveLength(count));
  }

  async function watcher(): Promise<OfflineAgent> {
    const daemon = await OfflineAgent.open({
      stateDir,
      environment: { PATCHPOINT_WATCH_DIR: worktreeDir, PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS: '1' },
      transport: {
        publish: async (subject, bytes) => {
          if (subject.includes('.task.reported.')) daemon.reports.push(decode(TaskReported, bytes));
          else sent.push(decode(CheckpointCreated, bytes));
        },
      },
    });
    open.push(daemon);
    await daemon.agent.start();
    return daemon;
  }

  async function close({ agent }: OfflineAgent): Promise<void> {
    await agent.stopIntake();
    agent.disconnected(); // nothing is waited for
    await agent.finish();
  }
});
