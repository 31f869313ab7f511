import { v7 as uuidv7 } from 'uuid';
import type { PatchFormat, TaskState } from '#contracts';
import type { Database } from '../src/database.js';
import { insertCheckpoints } from '../src/statements/checkpoints/insert-checkpoints.js';
import { insertPatches } from '../src/statements/patches/insert-patches.js';
import { insertTask } from '../src/statements/tasks/insert-task.js';
import { aCheckpoint, aPatch, aTask } from './fixtures.js';

export interface Recorded {
  number: number;
  attempt?: number;
  sequence?: number;
  superseded?: boolean;
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
    for (const { expiresInHours, bundleExpiresInHours, ...fields } of checkpoints) {
      const checkpointId = uuidv7();
      const stored = (format: PatchFormat, ttlHours: number | undefined) =>
        ttlHours === undefined ? null : aPatch({ taskId: task.id, checkpointId, format, ttlHours });
      const patch = stored('git-diff', expiresInHours);
      const bundle = stored('git-bundle', bundleExpiresInHours);
      const checkpoint = aCheckpoint({
        id: checkpointId,
        taskId: task.id,
        sequence: fields.number,
        patchId: patch?.id ?? null,
        bundleId: bundle?.id ?? null,
        patchAbsentReason: patch ? null : 'too-large',
        ...fields,
      });
      await insertCheckpoints(manager, [checkpoint]);
      const patches = [patch, bundle].filter((row) => row !== null);
      if (patches.length > 0) await insertPatches(manager, patches);
    }
  });
  return task.id;
}
