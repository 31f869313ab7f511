import type { PatchAbsentReason } from '#contracts';
import { FINISHED_STATES, NEWEST_FIRST, PATCH_COLUMNS, PATCHES_WITH_CHECKPOINTS } from './patch-columns.js';
import type { StoredPatch } from './patch-columns.js';
import { queryRows, type Queryable } from './query-rows.js';

export interface RestorablePatch extends StoredPatch {
  /** Age of the patch by the database's clock. */
  ageSeconds: number;
}

/** A checkpoint that is newer than the restorable one, and cannot be restored itself. */
export interface CheckpointWithoutPatch {
  number: number;
  attempt: number;
  sequence: number;
  /** Null: it had a patch, which expired or was deleted. */
  patchAbsentReason: PatchAbsentReason | null;
  treeSha: string;
  createdAt: Date;
}

export interface LatestRestorable {
  /** What a resume restores; null: nothing. */
  patch: RestorablePatch | null;
  /** The newest checkpoint, when it has no patch: the work since `patch` is recorded but not restorable. Tell people. */
  newerWithoutPatch: CheckpointWithoutPatch | null;
}

/**
 * The patch that a resume of the task restores: of its checkpoints that are not superseded, the newest whose patch has not
 * expired. While the task is not finished its newest patch never expires. A clean worktree has a patch too, an empty one.
 *
 * Patches without a checkpoint come after all others.
 */
export async function latestRestorablePatch(db: Queryable, taskId: string): Promise<LatestRestorable> {
  const [patch = null] = await queryRows<RestorablePatch>(
    db,
    `SELECT ${PATCH_COLUMNS}, floor(extract(epoch FROM now() - p.created_at))::int AS "ageSeconds"
       FROM ${PATCHES_WITH_CHECKPOINTS} JOIN tasks t ON t.id = p.task_id
      WHERE p.task_id = $1
        AND c.superseded IS NOT TRUE
        AND (p.expires_at > now() OR t.state NOT IN ${FINISHED_STATES})
      ORDER BY ${NEWEST_FIRST}
      LIMIT 1`,
    [taskId],
  );
  const [newest] = await queryRows<CheckpointWithoutPatch & { patchId: string | null }>(
    db,
    `SELECT number, attempt, sequence, patch_absent_reason AS "patchAbsentReason", tree_sha AS "treeSha",
            created_at AS "createdAt", patch_id AS "patchId"
       FROM task_checkpoints
      WHERE task_id = $1 AND NOT superseded
      ORDER BY attempt DESC, sequence DESC, number DESC
      LIMIT 1`,
    [taskId],
  );
  if (!newest || newest.number === patch?.checkpointNumber) return { patch, newerWithoutPatch: null };
  const { patchId: _patchId, ...newerWithoutPatch } = newest;
  return { patch, newerWithoutPatch };
}
