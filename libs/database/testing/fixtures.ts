import { createHash } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { NewCheckpoint } from '../src/statements/checkpoints/insert-checkpoints.js';
import type { NewPatch } from '../src/statements/patches/insert-patches.js';
import type { NewTask } from '../src/statements/tasks/insert-task.js';

/* Rows for specs: complete and valid, so that a spec only names what it is about. */

export function aTask(fields: Partial<NewTask> = {}): NewTask {
  return {
    id: uuidv7(),
    name: 'a task',
    plan: 'true',
    runner: 'shell',
    repoUrl: 'new://a',
    pool: 'default',
    ...fields,
  };
}

export function aCheckpoint(fields: Partial<NewCheckpoint> & { taskId: string }): NewCheckpoint {
  const eventId = uuidv7();
  return {
    id: uuidv7(),
    eventId,
    contentSha256: createHash('sha256').update(eventId).digest('hex'),
    daemonId: 'daemon-1',
    attempt: 1,
    sequence: 1,
    number: 1,
    kind: 'heartbeat',
    message: 'a checkpoint',
    commitSha: 'c'.repeat(40),
    branchName: 'main',
    treeSha: 'e'.repeat(40),
    modes: null,
    baseReachable: true,
    filesChanged: 1,
    linesAdded: 2,
    linesRemoved: 3,
    omissions: [],
    omissionsCount: 0,
    secrets: [],
    conversation: null,
    patchId: null,
    bundleId: null,
    patchAbsentReason: null,
    superseded: false,
    capturedAt: new Date(),
    ...fields,
  };
}

export function aPatch(fields: Partial<NewPatch> & { taskId: string }): NewPatch {
  const patchData = fields.patchData ?? Buffer.from('not really gzip');
  return {
    id: uuidv7(),
    checkpointId: null,
    format: 'git-diff',
    baseCommitSha: 'b'.repeat(40),
    treeSha: 'e'.repeat(40),
    sha256: createHash('sha256').update(patchData).digest('hex'),
    patchData,
    uncompressedSizeBytes: 100,
    filesCount: 1,
    ttlHours: 168,
    ...fields,
  };
}
