import type { Omission, PatchAbsentReason, PatchFormat } from '#contracts';
import { NEWEST_FIRST, PATCH_COLUMNS, PATCHES_WITH_CHECKPOINTS } from './patch-columns.js';
import type { StoredPatch } from './patch-columns.js';
import { stillKept } from './still-kept.js';
import { queryRows, type Queryable } from '../sql/query-rows.js';

export interface RestorablePatch extends StoredPatch {
  /** Age of the patch by the database's clock. */
  ageSeconds: number;
}

/** What a restore wants to know of the checkpoint itself. */
export interface RestorableCheckpoint {
  number: number;
  attempt: number;
  message: string;
  /** HEAD when it was captured; null: its branch had no commit. */
  commitSha: string | null;
  /** Null: HEAD was detached. */
  branchName: string | null;
  omissions: Omission[];
  /** All of them, also those that `omissions` does not name. */
  omissionsCount: number;
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
  /**
   * The checkpoint that a resume restores. Null: no checkpoint can be restored, and a `patch` stands by
   * itself.
   */
  checkpoint: RestorableCheckpoint | null;
  /** The readable diff. Null: the checkpoint has a bundle only, or there is nothing to restore. */
  patch: RestorablePatch | null;
  /** The git bundle, which brings back more than the diff. Null: the checkpoint has none. */
  bundle: RestorablePatch | null;
  /**
   * The newest checkpoint, when it has neither: the work since `checkpoint` is recorded but not restorable.
   * Notify people.
   */
  newerWithoutPatch: CheckpointWithoutPatch | null;
}

/**
 * What a resume of the task restores: of its checkpoints that are not superseded, the newest with a diff or a
 * bundle that has not expired. While the task is not finished, those of its newest never expire. A clean
 * worktree has a patch too, an empty one.
 *
 * Patches without a checkpoint come after all others.
 *
 * @param beforeNumber only checkpoints that are older than the one of this number, which is not restorable
 *   after all
 */
export async function latestRestorablePatch(
  db: Queryable,
  taskId: string,
  beforeNumber: number | null = null,
): Promise<LatestRestorable> {
  const found = await findNewestPatches(db, taskId, beforeNumber);
  const checkpoint = found[0]?.checkpoint ?? null;
  const inFormat = (format: PatchFormat) => found.find(({ patch }) => patch.format === format)?.patch ?? null;
  return {
    checkpoint,
    patch: inFormat('git-diff'),
    bundle: inFormat('git-bundle'),
    newerWithoutPatch: await findNewerWithoutPatch(db, taskId, checkpoint),
  };
}

interface FoundPatch {
  patch: RestorablePatch;
  checkpoint: RestorableCheckpoint | null;
}

const RESTORABLE = `c.superseded IS NOT TRUE AND ${stillKept('p', 't')}`;

/** "Older" in the order of NEWEST_FIRST. Of a number that the task does not have, nothing is older. */
const OLDER = `($2::int IS NULL OR (c.attempt, c.sequence, c.number) < (
  SELECT attempt, sequence, number FROM task_checkpoints WHERE task_id = $1 AND number = $2))`;

/**
 * The newest patch and what its checkpoint has beside it. One statement, so that no sweep comes between the
 * two.
 */
async function findNewestPatches(
  db: Queryable,
  taskId: string,
  beforeNumber: number | null,
): Promise<FoundPatch[]> {
  const rows = await queryRows<RestorablePatch & { checkpoint: RestorableCheckpoint | null }>(
    db,
    `WITH newest AS (
       SELECT p.id, p.checkpoint_id
         FROM ${PATCHES_WITH_CHECKPOINTS} JOIN tasks t ON t.id = p.task_id
        WHERE p.task_id = $1 AND ${RESTORABLE} AND ${OLDER}
        ORDER BY ${NEWEST_FIRST}
        LIMIT 1
     )
     SELECT ${PATCH_COLUMNS}, floor(extract(epoch FROM now() - p.created_at))::int AS "ageSeconds",
            CASE WHEN c.id IS NOT NULL THEN jsonb_build_object(
              'number', c.number, 'attempt', c.attempt, 'message', c.message, 'commitSha', c.commit_sha,
              'branchName', c.branch_name, 'omissions', c.omissions, 'omissionsCount', c.omissions_count
            ) END AS checkpoint
       FROM ${PATCHES_WITH_CHECKPOINTS} JOIN tasks t ON t.id = p.task_id
       JOIN newest ON newest.id = p.id OR newest.checkpoint_id = p.checkpoint_id
      WHERE p.task_id = $1 AND ${RESTORABLE}`,
    [taskId, beforeNumber],
  );
  return rows.map(({ checkpoint, ...patch }) => ({ checkpoint, patch }));
}

async function findNewerWithoutPatch(
  db: Queryable,
  taskId: string,
  restorable: RestorableCheckpoint | null,
): Promise<CheckpointWithoutPatch | null> {
  const [newest] = await queryRows<CheckpointWithoutPatch>(
    db,
    `SELECT number, attempt, sequence, patch_absent_reason AS "patchAbsentReason", tree_sha AS "treeSha",
            created_at AS "createdAt"
       FROM task_checkpoints
      WHERE task_id = $1 AND NOT superseded
      ORDER BY attempt DESC, sequence DESC, number DESC
      LIMIT 1`,
    [taskId],
  );
  return newest && newest.number !== restorable?.number ? newest : null;
}
