import { v7 as uuidv7 } from 'uuid';
import type { PatchAbsentReason, PatchFormat, TaskState } from '#contracts';
import type { Database } from '../src/database.js';
import { insertCheckpoints, type NewCheckpoint } from '../src/statements/checkpoints/insert-checkpoints.js';
import { insertPatches, type NewPatch } from '../src/statements/patches/insert-patches.js';
import { insertTask } from '../src/statements/tasks/insert-task.js';
import { aCheckpoint, aPatch, aTask } from './fixtures.js';

export interface Recorded {
  number: number;
  attempt?: number;
  sequence?: number;
  superseded?: boolean;
  /** Null: it had a patch, which was deleted. */
  patchAbsentReason?: PatchAbsentReason | null;
  /** Hours from now on; negative: expired since. Absent: no patch. */
  expiresInHours?: number;
  /** The same for the bundle. */
  bundleExpiresInHours?: number;
}

/** Stores a task with these checkpoints; returns its id. */
export async function aTaskWith(
  database: Database,
  state: TaskState,
  checkpoints: Recorded[],
): Promise<string> {
  const task = aTask({ state });
  await database.transaction(async (manager) => {
    await insertTask(manager, task);
    for (const recorded of checkpoints) {
      const { checkpoint, patches } = recordedRows(task.id, recorded);
      await insertCheckpoints(manager, [checkpoint]);
      if (patches.length > 0) await insertPatches(manager, patches);
    }
  });
  return task.id;
}

/** A checkpoint and what it has to restore from. Without a diff it says that this was too large. */
export function recordedRows(
  taskId: string,
  { expiresInHours, bundleExpiresInHours, ...fields }: Recorded,
): { checkpoint: NewCheckpoint; patches: NewPatch[] } {
  const checkpointId = uuidv7();
  const stored = (format: PatchFormat, ttlHours: number | undefined) =>
    ttlHours === undefined ? null : aPatch({ taskId, checkpointId, format, ttlHours });
  const patch = stored('git-diff', expiresInHours);
  const bundle = stored('git-bundle', bundleExpiresInHours);
  const checkpoint = aCheckpoint({
    id: checkpointId,
    taskId,
    sequence: fields.number,
    patchId: patch?.id ?? null,
    bundleId: bundle?.id ?? null,
    patchAbsentReason: patch ? null : 'too-large',
    ...fields,
  });
  return { checkpoint, patches: [patch, bundle].filter((row) => row !== null) };
}
