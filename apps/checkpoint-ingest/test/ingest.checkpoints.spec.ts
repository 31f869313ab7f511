import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { subjects, type CheckpointStored } from '#contracts';
import { latestRestorablePatch, readPatchSlice, updateTask } from '#database';
import { eventually } from '#testing';
import { recordBatch } from '../src/record/record-batch.js';
import { contentDigest } from '../src/verify/verify-checkpoint.js';
import { useIngest } from '../testing/use-ingest.js';
import { aBundle, aCheckpoint, bundleFields } from '../testing/fixtures.js';

const ingest = useIngest();

describe('a checkpoint', () => {
  it('that arrives together with older ones gets its number, and is announced, after them', async () => {
    const taskId = await ingest.aRunningTask();
    const batch = [3, 1, 2].map((sequence) => {
      const event = aCheckpoint({ taskId, sequence }, null);
      return { event, patch: null, bundle: null, conversation: null, contentSha256: contentDigest(event) };
    });
    const announced: object[] = [];
    const verdicts = await ingest.database.transaction((manager) =>
      recordBatch(manager, async (messages) => void announced.push(...messages), batch),
    );
    expect(verdicts).toMatchObject([3, 1, 2].map((number) => ({ recorded: { number } })));
    expect(announced).toMatchObject([1, 2, 3].map((checkpointNumber) => ({ payload: { checkpointNumber } })));
    const later = aCheckpoint({ taskId, sequence: 4 }, null);
    await ingest.send(later);
    const stored = await ingest.stored(taskId, 4);
    expect(stored.find(({ eventId }) => eventId === later.eventId)).toMatchObject({ number: 4 });
  });

  it('is stored with its patch, announced, and told to the task’s output', async () => {
    const taskId = await ingest.aRunningTask();
    const patch = gzipSync('diff --git a/a b/a\n');
    const event = aCheckpoint(
      { taskId, message: 'wip', omissions: [{ path: 'huge', reason: 'too large' }], omissionsCount: 5 },
      patch,
    );
    await ingest.send(event);

    const [announced] = await eventually(() => {
      const found = ingest.told<CheckpointStored>('checkpoint-stored', event.eventId);
      expect(found).toHaveLength(1);
      return found;
    });
    const [checkpoint] = await ingest.stored(taskId, 1);
    expect(checkpoint).toMatchObject({
      eventId: event.eventId,
      number: 1,
      attempt: 1,
      sequence: 1,
      treeSha: event.treeSha,
      omissions: event.omissions,
      omissionsCount: 5,
      superseded: false,
      capturedAt: new Date(event.capturedAt),
    });
    expect(announced).toMatchObject({
      eventId: checkpoint!.id,
      checkpointNumber: 1,
      hasPatch: true,
      patchId: checkpoint!.patchId,
      patchSha256: event.patchSha256,
      superseded: false,
      storedAt: checkpoint!.createdAt.toISOString(),
    });
    const { patch: restorable } = await latestRestorablePatch(ingest.database.manager, taskId);
    expect(restorable).toMatchObject({
      id: checkpoint!.patchId,
      sha256: event.patchSha256,
      patchSizeBytes: patch.length,
      filesCount: 2,
      baseCommitSha: event.patchBaseSha,
    });
    const lifeHours = (restorable!.expiresAt.getTime() - restorable!.createdAt.getTime()) / 3_600_000;
    expect(lifeHours).toBe(168);
    await eventually(() =>
      expect(
        ingest.events.filter(({ subject }) => subject === subjects.output('daemon-1', taskId)),
      ).toMatchObject([{ body: { stream: 'system', text: '✓ Checkpoint #1: wip (2 files, +10 -4)\n' } }]),
    );
  });

  it('whose patch was too large is recorded without one, and said so', async () => {
    const taskId = await ingest.aRunningTask();
    await ingest.send(aCheckpoint({ taskId, sequence: 1 }));
    await ingest.stored(taskId, 1);
    const event = aCheckpoint({ taskId, sequence: 2, patchAbsentReason: 'too-large' }, null);
    await ingest.send(event);
    await ingest.stored(taskId, 2);
    expect(await latestRestorablePatch(ingest.database.manager, taskId)).toMatchObject({
      patch: { checkpointNumber: 1 },
      newerWithoutPatch: { number: 2, patchAbsentReason: 'too-large' },
    });
    await eventually(() =>
      expect(ingest.told('checkpoint-stored', event.eventId)).toMatchObject([
        { hasPatch: false, patchAbsentReason: 'too-large' },
      ]),
    );
  });

  it('with a bundle is stored with both, and announced with both digests', async () => {
    const taskId = await ingest.aRunningTask();
    const bundle = aBundle();
    const event = aCheckpoint({ taskId, ...bundleFields(bundle) });
    await ingest.send(event);
    const [checkpoint] = await ingest.stored(taskId, 1);
    const { bundle: restorable, patch } = await latestRestorablePatch(ingest.database.manager, taskId);
    expect(restorable).toMatchObject({
      id: checkpoint!.bundleId,
      format: 'git-bundle',
      sha256: event.bundleSha256,
      patchSizeBytes: bundle.length,
      baseCommitSha: event.patchBaseSha,
      treeSha: event.treeSha,
      filesCount: 2,
      expiresAt: patch!.expiresAt,
    });
    expect(patch).toMatchObject({ id: checkpoint!.patchId, format: 'git-diff' });
    const whole = { offsetBytes: 0, lengthBytes: bundle.length };
    expect((await readPatchSlice(ingest.database.manager, restorable!.id, whole))!.data.equals(bundle)).toBe(
      true,
    );
    await eventually(() =>
      expect(ingest.told('checkpoint-stored', event.eventId)).toMatchObject([
        {
          hasPatch: true,
          patchId: checkpoint!.patchId,
          patchSha256: event.patchSha256,
          bundleId: checkpoint!.bundleId,
          bundleSha256: event.bundleSha256,
          bundleSizeBytes: bundle.length,
        },
      ]),
    );
    await ingest.database.manager.query('DELETE FROM checkpoint_patches WHERE task_id = $1', [taskId]);
    await ingest.send(event);
    await eventually(() => expect(ingest.told('checkpoint-stored', event.eventId)).toHaveLength(2));
    const repeated = ingest.told('checkpoint-stored', event.eventId)[1]!;
    expect(repeated).toMatchObject({ hasPatch: true, bundleSha256: event.bundleSha256 });
    expect(repeated).not.toHaveProperty('bundleId');
  });

  it('with a bundle instead of a patch can be restored', async () => {
    const taskId = await ingest.aRunningTask();
    const fields = { ...bundleFields(aBundle()), patchAbsentReason: 'too-large' as const };
    const event = aCheckpoint({ taskId, ...fields }, null);
    await ingest.send(event);
    const [checkpoint] = await ingest.stored(taskId, 1);
    expect(checkpoint).toMatchObject({ patchId: null, patchAbsentReason: 'too-large' });
    expect(await latestRestorablePatch(ingest.database.manager, taskId)).toMatchObject({
      checkpoint: { number: 1 },
      patch: null,
      bundle: { id: checkpoint!.bundleId },
      newerWithoutPatch: null,
    });
    await eventually(() =>
      expect(ingest.told('checkpoint-stored', event.eventId)).toMatchObject([
        { hasPatch: true, patchAbsentReason: 'too-large' },
      ]),
    );
  });

  it('of a clean worktree is what a resume restores, not the work that was discarded', async () => {
    const taskId = await ingest.aRunningTask();
    await ingest.send(aCheckpoint({ taskId, sequence: 1, ...bundleFields(aBundle()) }));
    await ingest.stored(taskId, 1);
    const change = { filesChanged: 0, linesAdded: 0, linesRemoved: 0, patchFilesCount: 0 };
    await ingest.send(aCheckpoint({ taskId, sequence: 2, treeSha: 'f'.repeat(40), ...change }, gzipSync('')));
    await ingest.stored(taskId, 2);
    expect(await latestRestorablePatch(ingest.database.manager, taskId)).toMatchObject({
      checkpoint: { number: 2 },
      patch: { treeSha: 'f'.repeat(40), uncompressedSizeBytes: 0, filesCount: 0 },
      bundle: null,
      newerWithoutPatch: null,
    });
  });

  it('of an older attempt is stored as superseded; a resume does not pick it', async () => {
    const taskId = await ingest.aRunningTask();
    await ingest.send(aCheckpoint({ taskId, sequence: 1 }));
    await ingest.stored(taskId, 1);
    await updateTask(ingest.database.manager, taskId, { attempt: 2, daemonId: 'daemon-2' });
    const late = aCheckpoint({ taskId, sequence: 2 });
    await ingest.send(late);
    const [, second] = await ingest.stored(taskId, 2);
    expect(second).toMatchObject({ number: 2, superseded: true });
    expect(await latestRestorablePatch(ingest.database.manager, taskId)).toMatchObject({
      patch: { checkpointNumber: 1 },
      newerWithoutPatch: null,
    });
    await eventually(() =>
      expect(ingest.told('checkpoint-stored', late.eventId)).toMatchObject([{ superseded: true }]),
    );
  });

  it('that could not be made is announced, and nothing is stored', async () => {
    const taskId = await ingest.aRunningTask();
    const fields = { taskId, kind: 'manual' as const, success: false, error: 'No changes to checkpoint' };
    const event = aCheckpoint({ ...fields, treeSha: undefined }, null);
    await ingest.send(event);
    await eventually(() =>
      expect(ingest.told('checkpoint-failed', event.eventId)).toMatchObject([
        { eventId: event.eventId, kind: 'manual', error: 'No changes to checkpoint' },
      ]),
    );
    await ingest.stored(taskId, 0);
  });
});
