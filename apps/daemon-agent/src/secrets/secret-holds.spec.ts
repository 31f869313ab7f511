import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { CheckpointCreated, DaemonHeartbeat, decode } from '#contracts';
import { SecretDesk, type HeldFile } from '#git';
import { eventually, temporaryFolder } from '#testing';
import { aSpawn, OfflineAgent, WAIT } from '../../testing/offline-agent.js';
import { decideHold, describeHold } from './secret-holds.js';

const open: OfflineAgent[] = [];
beforeAll(() => Logger.overrideLogger(false));
afterEach(async () => {
  await Promise.all(open.splice(0).map((agent) => agent.close()));
});

describe('a daemon that holds secrets', () => {
  it('sends nothing of a checkpoint before it is released, and never asks for that content again', async () => {
    const { daemon, desk, sent, beats } = await aHoldingDaemon();
    const spawn = aSpawn({ plan: `echo A=1 > .env; echo work > done.txt\n${WAIT}` });
    await daemon.run(spawn);
    await captured(daemon, spawn.taskId);
    const [held] = await desk.list();
    expect(held).toMatchObject({
      taskId: spawn.taskId,
      files: [{ path: '.env', rules: ['file-name'], isUntracked: true }],
    });
    await eventually(() => expect(beats.at(-1)?.failingCaptures?.[0]?.reason).toContain('SECRET_HELD'));
    expect(daemon.said.join('')).toContain('.env (file-name)');
    // Looked at for longer than a message takes that may be sent.
    await captured(daemon, spawn.taskId);
    expect(sent).toEqual([]);

    await desk.decide([held!.files[0]!.contentId], 'release');
    await eventually(() => expect(sent.map(({ eventId }) => eventId)).toEqual([held!.eventId]));
    expect(await desk.list()).toEqual([]);
    expect(sent[0]!.secrets).toEqual([{ path: '.env', rule: 'file-name' }]);
    await eventually(() => expect(beats.at(-1)?.failingCaptures ?? []).toEqual([]));

    const next = aSpawn({ plan: `echo A=1 > .env; echo other > done.txt\n${WAIT}` });
    await daemon.run(next);
    await captured(daemon, next.taskId);
    await eventually(() => expect(sent.map(({ taskId }) => taskId)).toContain(next.taskId));
    expect(await desk.list()).toEqual([]);
  });

  it('drops a checkpoint whose secrets must not go, and captures the worktree without them', async () => {
    const { daemon, desk, sent } = await aHoldingDaemon();
    const spawn = aSpawn({ plan: `echo A=1 > .env; echo work > done.txt\n${WAIT}` });
    await daemon.run(spawn);
    await captured(daemon, spawn.taskId);
    const [held] = await desk.list();
    await desk.decide([held!.files[0]!.contentId], 'omit');
    await eventually(async () => expect(await desk.list()).toEqual([]));
    await captured(daemon, spawn.taskId);
    await eventually(() => expect(sent).toHaveLength(1));
    expect(sent[0]!.eventId).not.toBe(held!.eventId);
    expect(sent[0]!.omissions).toContainEqual({ path: '.env', reason: 'secret: file-name' });
  });

  it('still holds it after a restart', async () => {
    const first = await aHoldingDaemon();
    const spawn = aSpawn({ plan: `echo A=1 > .env; echo work > done.txt\n${WAIT}` });
    await first.daemon.run(spawn);
    await captured(first.daemon, spawn.taskId);
    await first.daemon.agent.runs.releaseAll('the test goes on', 0);
    await first.daemon.agent.finish();
    open.length = 0;
    const second = await aHoldingDaemon(first.daemon.stateDir);
    const held = await second.desk.list();
    expect(held.length).toBeGreaterThan(0);
    second.daemon.agent.reconnected();
    expect(second.sent).toEqual([]);
    await second.desk.decide([held[0]!.files[0]!.contentId], 'release');
    await eventually(() => expect(second.sent.map(({ eventId }) => eventId)).toContain(held[0]!.eventId));
    expect(first.sent).toEqual([]);
  });
});

describe('decideHold', () => {
  const files = ['a', 'b'].map((contentId) => aFile(contentId, contentId));

  it('waits for the last decision, and lets nothing go of which a part must not', () => {
    expect(decideHold(files, (id) => (id === 'a' ? 'release' : undefined))).toBeUndefined();
    expect(decideHold(files, () => 'release')).toBe('release');
    expect(decideHold(files, (id) => (id === 'a' ? 'release' : 'omit'))).toBe('omit');
  });
});

describe('describeHold', () => {
  it('names some files in one line that fits into a heartbeat, without control characters', () => {
    const line = describeHold(
      Array.from({ length: 9 }, (_, n) => aFile(`\u001b[31m${'x'.repeat(200)}${n}`, 'a')),
    );
    expect(line.length).toBeLessThanOrEqual(450);
    expect(line).not.toMatch(/\p{C}/u);
  });
});

function aFile(path: string, contentId: string): HeldFile {
  return { path, contentId, rules: ['file-name'], isUntracked: true };
}

async function aHoldingDaemon(stateDir = temporaryFolder()) {
  const sent: CheckpointCreated[] = [];
  const beats: DaemonHeartbeat[] = [];
  const daemon = await OfflineAgent.open({
    stateDir,
    environment: { PATCHPOINT_SECRETS: 'hold', PATCHPOINT_STOP_GRACE_SECONDS: '2' },
    onPublished: (subject, bytes) => {
      if (subject.includes('.checkpoint.created.')) sent.push(decode(CheckpointCreated, bytes));
      if (subject.includes('.heartbeat.')) beats.push(decode(DaemonHeartbeat, bytes));
    },
  });
  open.push(daemon);
  await daemon.agent.start();
  return { daemon, desk: new SecretDesk(join(stateDir, 'secrets')), sent, beats };
}

/** Once the plan of the task has written its last file. */
async function captured(daemon: OfflineAgent, taskId: string): Promise<void> {
  await eventually(async () => {
    const { worktreeDir } = daemon.agent.registry.get(taskId)!;
    expect(existsSync(join(worktreeDir!, 'done.txt'))).toBe(true);
    await daemon.agent.runs.capture(taskId, { kind: 'heartbeat' });
    expect(daemon.agent.registry.get(taskId)?.sequence).toBeGreaterThan(0);
  });
}
