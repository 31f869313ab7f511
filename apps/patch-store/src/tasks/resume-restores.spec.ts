import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { INLINE_PATCH_LIMIT_BYTES, type TaskEvent } from '#contracts';
import { eventually } from '#testing';
import { resumesOf } from '../../testing/resumes.js';
import {
  BASE_SHA,
  bundleOf,
  gzipOf,
  seedCheckpoint,
  seedDaemon,
  sha256Of,
  TREE_SHA,
} from '../../testing/seed.js';
import { useRunningPatchStore } from '../../testing/use-running-patch-store.js';

const store = useRunningPatchStore();
const { spawnOf, failedTask, resume } = resumesOf(store);

describe('resume', () => {
  it('raises the attempt and sends the newest patch along, inline when it is small', async () => {
    const taskId = await failedTask({ pool: 'gpu' });
    await seedCheckpoint(store.database, { taskId, number: 1 });
    const newest = await seedCheckpoint(store.database, { taskId, number: 2 });
    expect(await resume(taskId)).toMatchObject({
      status: 202,
      body: { state: 'spawning', attempt: 2, daemonId: null, endedAt: null, stateReason: null },
    });
    const spawn = await spawnOf(taskId, 2);
    expect(spawn.subject).toBe('patchpoint.v1.command.pool.gpu.spawn-task');
    expect(spawn).toMatchObject({
      resumeSession: true,
      checkpointNumber: 2,
      checkpointAttempt: 1,
      patchId: newest.patchId,
      patchData: newest.patchData.toString('base64'),
      patchSha256: newest.sha256,
      patchBaseSha: BASE_SHA,
      patchTreeSha: TREE_SHA,
      patchFilesCount: 1,
    });
    expect(spawn.checkpointAgeSeconds).toBeLessThan(60);
  });

  it('picks the highest attempt and sequence, not the newest clock', async () => {
    const taskId = await failedTask();
    await store.database.manager.query('UPDATE tasks SET attempt = 2 WHERE id = $1', [taskId]);
    await seedCheckpoint(store.database, { taskId, number: 1, attempt: 1, sequence: 9 });
    const best = await seedCheckpoint(store.database, { taskId, number: 2, attempt: 2, sequence: 5 });
    await seedCheckpoint(store.database, { taskId, number: 3, attempt: 2, sequence: 4 });
    await seedCheckpoint(store.database, { taskId, number: 4, attempt: 1, sequence: 10 });
    await store.database.manager.query(
      `UPDATE checkpoint_patches SET created_at = now() - interval '1 hour' WHERE id = $1`,
      [best.patchId],
    );
    await resume(taskId);
    const spawn = await spawnOf(taskId, 3);
    expect(spawn).toMatchObject({ checkpointNumber: 2, checkpointAttempt: 2, patchId: best.patchId });
    expect(spawn.checkpointAgeSeconds).toBeGreaterThanOrEqual(3600);
  });

  it('skips what is superseded and what has expired', async () => {
    const taskId = await failedTask();
    const good = await seedCheckpoint(store.database, { taskId, number: 1 });
    await seedCheckpoint(store.database, { taskId, number: 2, expiredForHours: 1 });
    await seedCheckpoint(store.database, { taskId, number: 3, superseded: true });
    await resume(taskId);
    expect(await spawnOf(taskId, 2)).toMatchObject({ patchId: good.patchId });
  });

  it('restores the newest patch of an unfinished task however old it is', async () => {
    const taskId = await store.runningTask('silent-1');
    await seedDaemon(store.database, 'silent-1', 121);
    const old = await seedCheckpoint(store.database, { taskId, number: 1, expiredForHours: 500 });
    await resume(taskId);
    expect(await spawnOf(taskId, 2)).toMatchObject({ patchId: old.patchId });
  });

  it('names a large patch instead of sending it', async () => {
    const taskId = await failedTask();
    const patchData = gzipOf(INLINE_PATCH_LIMIT_BYTES);
    const { patchId } = await seedCheckpoint(store.database, { taskId, number: 1, patchData });
    await resume(taskId);
    const spawn = await spawnOf(taskId, 2);
    expect(spawn).toMatchObject({ patchId, patchSizeBytes: patchData.length });
    expect(spawn.patchData).toBeUndefined();
  });

  it('sends a bundle along beside the patch, with what is known of the checkpoint', async () => {
    const taskId = await failedTask();
    const bundleData = bundleOf(1000);
    const omissions = [{ path: 'node_modules.zip', reason: 'larger than 100 MiB' }];
    const newest = await seedCheckpoint(store.database, {
      taskId,
      number: 1,
      bundleData,
      message: 'before the storm',
      omissions,
      omissionsCount: 3,
    });
    await resume(taskId);
    expect(await spawnOf(taskId, 2)).toMatchObject({
      patchId: newest.patchId,
      patchData: newest.patchData.toString('base64'),
      bundleId: newest.bundleId,
      bundleData: bundleData.toString('base64'),
      bundleSha256: sha256Of(bundleData),
      bundleSizeBytes: bundleData.length,
      checkpointCommitSha: BASE_SHA,
      checkpointBranchName: 'main',
      checkpointMessage: 'before the storm',
      omissions,
      omissionsCount: 3,
    });
  });

  it('resumes from a bundle alone, by its id when it is large', async () => {
    const taskId = await failedTask();
    await seedCheckpoint(store.database, { taskId, number: 1 });
    const bundleData = bundleOf(INLINE_PATCH_LIMIT_BYTES);
    const { bundleId } = await seedCheckpoint(store.database, {
      taskId,
      number: 2,
      patchData: null,
      patchAbsentReason: 'too-large',
      bundleData,
    });
    expect((await resume(taskId)).body.stateReason).toBeNull();
    const spawn = await spawnOf(taskId, 2);
    expect(spawn).toMatchObject({
      checkpointNumber: 2,
      bundleId,
      patchTreeSha: TREE_SHA,
      patchFilesCount: 1,
    });
    expect(spawn).not.toHaveProperty('bundleData');
    expect(spawn).not.toHaveProperty('patchId');
  });

  it('restores the clean state when the newest checkpoint is clean, not the discarded work', async () => {
    const taskId = await failedTask();
    await seedCheckpoint(store.database, { taskId, number: 1, bundleData: bundleOf(10) });
    const patchData = gzipSync('');
    const clean = await seedCheckpoint(store.database, { taskId, number: 2, patchData });
    await resume(taskId);
    const spawn = await spawnOf(taskId, 2);
    expect(spawn).toMatchObject({
      checkpointNumber: 2,
      patchId: clean.patchId,
      patchData: patchData.toString('base64'),
    });
    expect(spawn).not.toHaveProperty('bundleId');
  });

  it('resumes without a patch when there never was one', async () => {
    const taskId = await failedTask();
    expect((await resume(taskId)).body.stateReason).toBeNull();
    const spawn = await spawnOf(taskId, 2);
    expect(spawn.resumeSession).toBe(true);
    expect(spawn).not.toHaveProperty('patchId');
  });

  it('never picks a patch that belongs to no checkpoint', async () => {
    const taskId = await failedTask();
    const stored = await store.post(`/v1/tasks/${taskId}/patches`, {
      patchBaseSha: BASE_SHA,
      treeSha: TREE_SHA,
      patchData: gzipOf(10).toString('base64'),
      patchFilesCount: 1,
    });
    expect(stored.status).toBe(201);
    await resume(taskId);
    expect(await spawnOf(taskId, 2)).not.toHaveProperty('patchId');
  });

  it('says so when the newest checkpoint has no patch', async () => {
    const taskId = await failedTask();
    await seedCheckpoint(store.database, { taskId, number: 1 });
    await seedCheckpoint(store.database, {
      taskId,
      number: 2,
      patchData: null,
      patchAbsentReason: 'too-large',
    });
    await resume(taskId);
    const event = await eventually(async () => {
      const events = await store.messages<TaskEvent>('EVENTS', `${taskId}.task-spawning`);
      expect(events).toHaveLength(2);
      return events[1]!;
    });
    expect(event).toMatchObject({ attempt: 2, checkpointNumber: 1 });
    expect(event.reason).toMatch(
      /newest checkpoint, 2, has no patch \(too-large\).*Checkpoint 1 is restored/,
    );
  });
});
