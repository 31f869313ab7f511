import { PATCHES_WITH_CHECKPOINTS } from './patch-columns.js';
import { isReadable, NEWEST_LONE_PATCH, newestRestorable } from './restorable.js';
import { queryRows, type Queryable } from '../sql/query-rows.js';

export interface ExpiredPatch {
  id: string;
  taskId: string;
  /** The daemon that made it, or that holds the task; null when neither is known. */
  daemonId: string | null;
  checkpointNumber: number | null;
  patchSizeBytes: number;
  /** When it was due. */
  expiredAt: Date;
}

/** Only evaluated for readable patches: for tasks that finished long ago there would be nothing to find. */
const IS_WHAT_A_RESTORE_USES = `
              CASE WHEN overdue.checkpoint_id IS NOT NULL
                THEN overdue.checkpoint_id = (SELECT id FROM (${newestRestorable()}) restorable)
                ELSE overdue.id = (${NEWEST_LONE_PATCH}) AND NOT EXISTS (${newestRestorable()})
              END`;

/**
 * Deletes up to `limit` expired patches, those that expired first, and returns them in any order. Their
 * checkpoints stay.
 *
 * The newest patch of an unfinished task is kept regardless of its age, and so is the other patch of its
 * checkpoint (a bundle next to the diff). Any number of processes may sweep concurrently: each skips what
 * another has locked, so that each patch is returned once. Fewer than `limit` means that nothing is left,
 * except what others have locked.
 *
 * @param limit a few hundred: a larger transaction holds its locks too long
 */
export function expirePatches(db: Queryable, limit: number): Promise<ExpiredPatch[]> {
  return queryRows(
    db,
    `WITH due AS (
       SELECT overdue.id
         FROM checkpoint_patches overdue JOIN tasks t ON t.id = overdue.task_id
        WHERE overdue.expires_at <= now()
          AND (${isReadable('overdue')} AND ${IS_WHAT_A_RESTORE_USES}) IS NOT TRUE
        ORDER BY overdue.expires_at
        LIMIT $1
          FOR UPDATE OF overdue SKIP LOCKED
     ), made AS (
       -- Read before the delete: it sets patch_id and bundle_id of the checkpoints to null.
       SELECT p.id, c.number, COALESCE(c.daemon_id, t.daemon_id) AS daemon_id
         FROM ${PATCHES_WITH_CHECKPOINTS} JOIN tasks t ON t.id = p.task_id
        WHERE p.id IN (SELECT id FROM due)
     )
     DELETE FROM checkpoint_patches p
      USING made
      WHERE p.id = made.id
     RETURNING p.id, p.task_id AS "taskId", made.daemon_id AS "daemonId", made.number AS "checkpointNumber",
               p.patch_size_bytes AS "patchSizeBytes", p.expires_at AS "expiredAt"`,
    [limit],
  );
}
