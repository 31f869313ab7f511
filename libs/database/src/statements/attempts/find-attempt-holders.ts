import { queryRows, type Queryable } from '../sql/query-rows.js';

export interface AttemptHolder {
  taskId: string;
  attempt: number;
  daemonId: string;
}

/** The daemons that hold, or held, attempts of these tasks. Unclaimed attempts are missing. */
export function findAttemptHolders(db: Queryable, taskIds: readonly string[]): Promise<AttemptHolder[]> {
  return queryRows(
    db,
    `SELECT task_id AS "taskId", attempt, daemon_id AS "daemonId"
       FROM task_attempts
      WHERE task_id = ANY($1::uuid[]) AND daemon_id IS NOT NULL`,
    [taskIds],
  );
}
