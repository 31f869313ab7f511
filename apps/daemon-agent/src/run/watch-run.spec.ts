import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { execaSync } from 'execa';
import { v7 as uuidv7 } from 'uuid';
import { compose, decode, SpawnTask, TaskReported } from '#contracts';
import { eventually, temporaryFolder } from '#testing';
import { readAgentConfig } from '../agent.config.js';
import { DaemonAgent } from '../daemon-agent.js';

let worktreeDir: string;
let reports: TaskReported[];

beforeAll(() => Logger.overrideLogger(false));
beforeEach(() => {
  reports = [];
  worktreeDir = temporaryFolder();
  git('init', '--quiet', '--initial-branch=main');
  writeFileSync(join(worktreeDir, 'kept.txt'), 'committed\n');
  git('add', '-A');
  git('-c', 'user.name=A', '-c', 'user.email=a@b.c', 'commit', '--quiet', '--message=first');
  writeFileSync(join(worktreeDir, 'staged.txt'), 'staged\n');
  git('add', 'staged.txt');
  writeFileSync(join(worktreeDir, 'new.txt'), 'not staged\n');
});

describe('a daemon that watches a worktree', () => {
  it('captures it, and changes nothing in it or its repository', async () => {
    const before = fingerprint();
    const { agent, taskId } = await watching({ PATCHPOINT_HEARTBEAT_COMMIT: 'true' });
    await eventually(() => expect(agent.spool.pending()).toHaveLength(1));
    await agent.createCheckpoint({ ...order(taskId), message: 'by hand' });
    await agent.runs.stop(taskId, 1, 'enough');
    expect(agent.spool.pending()).toHaveLength(3); // the first, the answer to the request, and the final one
    expect(fingerprint()).toEqual(before);
    expect(reports.map(({ report, worktreeOrigin }) => [report, worktreeOrigin])).toEqual([
      ['started', 'adopted'],
      ['stopped', undefined],
    ]);
    await end(agent);
  });

  it('never removes it, not even when forced', async () => {
    const { agent, taskId } = await watching();
    await agent.runs.stop(taskId, 1, 'enough');
    await agent.cleanupWorktree({ ...order(taskId), force: true });
    expect(existsSync(join(worktreeDir, 'new.txt'))).toBe(true);
    await end(agent);
  });

  it('reports a failure when the worktree is gone', async () => {
    const { agent } = await watching();
    rmSync(worktreeDir, { recursive: true });
    await eventually(() => expect(reports.at(-1)).toMatchObject({ report: 'failed' }));
    expect(reports.at(-1)!.reason).toContain('is gone');
    await end(agent);
  });

  it('ends an unfinished attempt of an earlier watch instead of continuing it', async () => {
    const first = await watching();
    const second = await open(first.stateDir);
    await second.runs.recover();
    expect(second.registry.active()).toEqual([]);
    await end(first.agent);
  });

  it('refuses to run any other task', async () => {
    const { agent } = await watching({}, { runner: 'shell', plan: 'touch ran' });
    await eventually(() => expect(reports.at(-1)).toMatchObject({ report: 'failed' }));
    expect(reports.at(-1)!.reason).toContain('only watches');
    expect(existsSync(join(worktreeDir, 'ran'))).toBe(false);
    await end(agent);
  });
});

describe('a daemon that runs tasks', () => {
  it('refuses to watch, and names the next step', async () => {
    const { agent } = await watching({ PATCHPOINT_WATCH_DIR: undefined });
    await eventually(() => expect(reports.at(-1)).toMatchObject({ report: 'failed' }));
    expect(reports.at(-1)!.reason).toContain('patchpoint watch');
    await end(agent);
  });
});

/** A daemon that has taken on a task to watch the worktree. */
async function watching(
  variables: NodeJS.ProcessEnv = {},
  fields: Partial<SpawnTask> = {},
): Promise<{ agent: DaemonAgent; taskId: string; stateDir: string }> {
  const stateDir = temporaryFolder();
  const agent = await open(stateDir, variables);
  const taskId = uuidv7();
  await agent.runs.start(
    compose(SpawnTask, {
      eventId: uuidv7(),
      taskId,
      attempt: 1,
      taskName: 'example',
      plan: '',
      runner: 'watch',
      repoUrl: 'new://example',
      isSupervisor: false,
      resumeSession: false,
      ...fields,
    }),
  );
  await eventually(() => expect(reports).not.toEqual([]));
  return { agent, taskId, stateDir };
}

/** Without NATS: what it reports is kept here, and its checkpoints stay in the spool. */
function open(stateDir: string, variables: NodeJS.ProcessEnv = {}): Promise<DaemonAgent> {
  const config = readAgentConfig({
    PATCHPOINT_STATE_DIR: stateDir,
    PATCHPOINT_WATCH_DIR: worktreeDir,
    PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS: '1',
    ...variables,
  });
  const unused = (): never => {
    throw new Error('A watch does not need this.');
  };
  return DaemonAgent.open(config, 'laptop', {
    publish: async (subject, bytes) => {
      if (subject.includes('.task.reported.')) reports.push(decode(TaskReported, bytes));
    },
    putBlob: unused,
    send: () => undefined,
    spawns: { next: unused },
    claim: unused,
    readSlice: unused,
    readConversation: unused,
    findCheckpoint: unused,
    listCheckpoints: unused,
  });
}

/** As if everything was stored, so that nothing is waited for. */
async function end(agent: DaemonAgent): Promise<void> {
  await agent.runs.releaseAll('the test is over', 0);
  for (const entry of agent.spool.pending()) await agent.spool.confirm(entry.eventId, entry);
  await agent.finish();
}

function order(taskId: string) {
  return {
    schemaVersion: 1,
    eventId: uuidv7(),
    daemonId: 'laptop',
    taskId,
    attempt: 1,
    force: false,
    message: '',
  } as const;
}

/** Everything that somebody who works in the worktree could see change. */
function fingerprint(): Record<string, string> {
  const index = createHash('sha256').update(readFileSync(join(worktreeDir, '.git', 'index')));
  return {
    index: index.digest('hex'),
    refs: git('for-each-ref'),
    head: git('rev-parse', 'HEAD'),
    config: readFileSync(join(worktreeDir, '.git', 'config'), 'utf8'),
    objects: git('count-objects', '--verbose'),
    status: git('status', '--porcelain', '--ignored'),
  };
}

function git(...args: string[]): string {
  const env = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_OPTIONAL_LOCKS: '0' };
  return execaSync('git', args, { cwd: worktreeDir, env }).stdout;
}
