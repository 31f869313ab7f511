import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { eventually } from '#testing';
import { sourceRepository } from '../testing/source-repository.js';
import { EDITS, plan, useWork } from '../testing/use-work.js';

describe('a daemon', () => {
  const { test, work } = useWork();

  it('removes the worktree of an ended task only after its work is stored', async () => {
    const { taskId, worktreePath } = await work({ repoUrl: sourceRepository().url, plan: plan(EDITS) });
    await test.patchStore.stopTask(taskId, 'done');
    await test.untilState(taskId, 'stopped');
    const final = await test.untilCheckpoint(taskId, ({ kind }) => kind === 'final');
    writeFileSync(join(worktreePath, 'after-the-end.txt'), 'written after the final checkpoint\n');
    await test.patchStore.cleanupWorktree(taskId, { force: false });
    await eventually(() => expect(existsSync(worktreePath)).toBe(false), { timeoutMs: 60_000 });
    const last = await test.untilCheckpoint(taskId, ({ number }) => number > final.number);
    expect(last.treeSha).not.toBe(final.treeSha);
  });

  it('records a checkpoint whose patch is over the limit without the patch, and says so', async () => {
    const { checkpoint, feed } = await work({
      repoUrl: sourceRepository().url,
      plan: plan('head -c 2000000 /dev/urandom > README.md'),
    });
    expect(checkpoint).toMatchObject({ patchId: null, patchAbsentReason: 'too-large' });
    await feed.untilSaid('not restorable: the patch is over the size limit');
  });

  it('makes a manual checkpoint with a patch, none of an unchanged worktree, and a final one at the end', async () => {
    // Without heartbeats: one could take the edits before the request does.
    await test.stack.startAgent('quiet', { PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS: '0' });
    const { taskId, feed } = await test.run({
      id: uuidv7(),
      daemonId: 'quiet',
      repoUrl: sourceRepository().url,
      plan: plan(EDITS),
    });
    await feed.untilSaid('work done');
    await test.untilState(taskId, 'running');
    await test.patchStore.createCheckpoint(taskId, 'before the risky part');
    const manual = await test.untilCheckpoint(taskId, ({ kind }) => kind === 'manual');
    expect(manual.message).toBe('before the risky part');
    expect(manual.patchId).not.toBeNull();
    await test.patchStore.createCheckpoint(taskId, 'nothing new');
    await feed.untilSaid('No changes to checkpoint');
    await test.patchStore.stopTask(taskId, 'done');
    const final = await test.untilCheckpoint(taskId, ({ kind }) => kind === 'final');
    expect(final.patchId).not.toBeNull();
    await test.untilState(taskId, 'stopped');
  });

  it('sends nothing while nothing changes', async () => {
    const { taskId, checkpoint } = await work({ repoUrl: sourceRepository().url, plan: plan(EDITS) });
    // Nothing can be waited for here but time: at least two heartbeats of one second.
    await new Promise((resolve) => setTimeout(resolve, 2500));
    const [newest] = await test.patchStore.checkpoints(taskId);
    expect(newest!.number).toBe(checkpoint.number);
    await test.patchStore.stopTask(taskId, 'done');
  });
});
