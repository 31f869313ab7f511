import { createHash, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { v7 as uuidv7 } from 'uuid';
import type { TaskState } from '#contracts';
import { insertCheckpoints, insertPatches, insertTask, type Database, type NewPatch } from '#database';

const SHA = 'a'.repeat(40);

/** A task in a state, held by daemon "holder" unless specified otherwise. */
export async function seedTask(
  database: Database,
  state: TaskState,
  daemonId: string | null = 'holder',
): Promise<string> {
  const id = uuidv7();
  await insertTask(database.manager, {
    id,
    name: 'a task',
    plan: 'true',
    runner: 'shell',
    repoUrl: 'new://a',
    pool: 'default',
    daemonId,
    state,
  });
  return id;
}

/**
 * Stores a patch, with a checkpoint of that number unless it is null.
 *
 * @param ttlHours negative for an expired patch
 * @returns its id
 */
export async function seedPatch(
  database: Database,
  patch: {
    taskId: string;
    number: number | null;
    ttlHours: number;
    superseded?: boolean;
    attempt?: number;
    /** The checkpoint gets a bundle too, with this id. */
    bundleId?: string;
  },
): Promise<string> {
  const { taskId, number, ttlHours } = patch;
  const patchId = uuidv7();
  const checkpointId = number === null ? null : uuidv7();
  const patchData = gzipSync('diff');
  await database.transaction(async (manager) => {
    if (checkpointId !== null && number !== null) {
      await insertCheckpoints(manager, [
        {
          id: checkpointId,
          taskId,
          eventId: uuidv7(),
          contentSha256: randomBytes(32).toString('hex'),
          daemonId: 'maker',
          attempt: patch.attempt ?? 1,
          sequence: number,
          number,
          kind: 'heartbeat',
          message: '',
          commitSha: null,
          branchName: null,
          treeSha: SHA,
          modes: null,
          baseReachable: true,
          filesChanged: null,
          linesAdded: null,
          linesRemoved: null,
          omissions: [],
          omissionsCount: 0,
          secrets: [],
          conversation: null,
          patchId,
          bundleId: patch.bundleId ?? null,
          patchAbsentReason: null,
          superseded: patch.superseded ?? false,
          capturedAt: new Date(),
        },
      ]);
    }
    const row: NewPatch = {
      id: patchId,
      taskId,
      checkpointId,
      format: 'git-diff',
      baseCommitSha: SHA,
      treeSha: SHA,
      sha256: createHash('sha256').update(patchData).digest('hex'),
      patchData,
      uncompressedSizeBytes: 4,
      filesCount: 1,
      ttlHours,
    };
    await insertPatches(manager, [row]);
    if (patch.bundleId) await insertPatches(manager, [{ ...row, id: patch.bundleId, format: 'git-bundle' }]);
  });
  return patchId;
}
