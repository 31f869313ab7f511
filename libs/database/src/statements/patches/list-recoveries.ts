import type { CheckpointKind, PatchAbsentReason } from '#contracts';
import { newestRestorable } from './restorable.js';
import { queryRows, type Queryable } from '../sql/query-rows.js';

/** The newest checkpoint of a task, with the columns that an overview needs. */
export interface NewestCheckpoint {
  number: number;
  attempt: number;
  kind: CheckpointKind;
  message: string;
  baseReachable: boolean | null;
  filesChanged: number | null;
  linesAdded: number | null;
  linesRemoved: number | null;
  omissionsCount: number;
  /** Null: it had a patch, which may have expired since. */
  patchAbsentReason: PatchAbsentReason | null;
  createdAt: Date;
  /** By the database's clock. */
  ageSeconds: number;
}

export interface TaskRecovery {
  taskId: string;
  /** The highest (attempt, sequence) that is not superseded. Null: there is none yet. */
  newest: NewestCheckpoint | null;
  /** The checkpoint that a resume would restore now. Null: it would start over from scratch. */
  restorableNumber: number | null;
}

/**
 * What a resume of each of these tasks could restore, in one statement. Both look-ups walk
 * `idx_task_checkpoints_latest` from its newest end, so that a task with thousands of checkpoints costs as
 * little as one with two.
 */
export async function listRecoveries(
  db: Queryable,
  taskIds: readonly string[],
): Promise<Map<string, TaskRecovery>> {
  const rows = await queryRows<
    Partial<NewestCheckpoint> & { taskId: string; restorableNumber: number | null }
  >(
    db,
    `SELECT t.id AS "taskId", restorable.number AS "restorableNumber", newest.*
       FROM tasks t
       LEFT JOIN LATERAL (
         SELECT c.number, c.attempt, c.kind, c.message, c.base_reachable AS "baseReachable",
                c.files_changed AS "filesChanged", c.lines_added AS "linesAdded", c.lines_removed AS "linesRemoved",
                c.omissions_count AS "omissionsCount", c.patch_absent_reason AS "patchAbsentReason",
                c.created_at AS "createdAt",
                greatest(0, floor(extract(epoch FROM now() - c.created_at)))::int AS "ageSeconds"
           FROM task_checkpoints c
          WHERE c.task_id = t.id AND NOT c.superseded
          ORDER BY c.attempt DESC, c.sequence DESC, c.number DESC
          LIMIT 1
       ) newest ON true
       LEFT JOIN LATERAL (${newestRestorable()}) restorable ON true
      WHERE t.id = ANY($1::uuid[])`,
    [taskIds],
  );
  return new Map(
    rows.map(({ taskId, restorableNumber, ...newest }) => [
      taskId,
      { taskId, restorableNumber, newest: newest.number === null ? null : (newest as NewestCheckpoint) },
    ]),
  );
}
