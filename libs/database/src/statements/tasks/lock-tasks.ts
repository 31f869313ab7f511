import type { TaskState } from '#contracts';
import { queryRows, type Queryable } from '../sql/query-rows.js';

/** What decides about a checkpoint of a task. */
export interface LockedTask {
  id: string;
  state: TaskState;
  attempt: number;
  daemonId: string | null;
  lastCheckpointNumber: number;
}

/**
 * Locks tasks until the transaction ends, in the order of their ids, so that two transactions that lock
 * several cannot wait for each other. Tasks that do not exist are missing from the result. NO KEY: references
 * to the task may still be inserted.
 */
export function lockTasks(db: Queryable, taskIds: readonly string[]): Promise<LockedTask[]> {
  return queryRows(
    db,
    `SELECT id, state, attempt, daemon_id AS "daemonId", last_checkpoint_number AS "lastCheckpointNumber"
       FROM tasks
      WHERE id = ANY($1::uuid[])
      ORDER BY id
        FOR NO KEY UPDATE`,
    [taskIds],
  );
}
