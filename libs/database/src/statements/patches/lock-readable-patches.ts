import type { PatchFormat } from '#contracts';
import { isReadable } from './restorable.js';
import { queryRows, type Queryable } from '../sql/query-rows.js';

/**
 * What a checkpoint can be restored from now: a diff, a bundle, both or nothing. No sweep deletes them until
 * the transaction ends.
 */
export function lockReadablePatches(
  db: Queryable,
  checkpointId: string,
): Promise<{ id: string; format: PatchFormat }[]> {
  return queryRows(
    db,
    `SELECT p.id, p.format
       FROM task_checkpoints c
       JOIN tasks t ON t.id = c.task_id
       JOIN checkpoint_patches p ON p.id IN (c.patch_id, c.bundle_id) AND ${isReadable('p')}
      WHERE c.id = $1
        FOR SHARE OF p`,
    [checkpointId],
  );
}
