import type { HeartbeatTask, TaskState } from '#contracts';
import { queryRows, type Queryable } from '../sql/query-rows.js';

/** An attempt that a daemon reports as running, although it should not be. */
export interface Stray extends HeartbeatTask {
  currentAttempt: number;
  state: TaskState;
  /** The attempt is the current one and was marked as lost: no daemon has taken over. */
  isLostHere: boolean;
}

/** Of the attempts that a daemon reports as running, those that were superseded, or are recorded as ended. */
export function findStrays(
  db: Queryable,
  daemonId: string,
  running: readonly HeartbeatTask[],
): Promise<Stray[]> {
  return queryRows(
    db,
    `SELECT t.id AS "taskId", said.attempt, t.attempt AS "currentAttempt", t.state,
            t.attempt = said.attempt AND t.state = 'lost' AS "isLostHere"
       FROM jsonb_to_recordset($2::jsonb) AS said ("taskId" uuid, attempt int)
       JOIN tasks t ON t.id = said."taskId"
       JOIN task_attempts a ON a.task_id = t.id AND a.attempt = said.attempt AND a.daemon_id = $1
      WHERE said.attempt < t.attempt OR t.state NOT IN ('spawning', 'running')`,
    [daemonId, JSON.stringify(running)],
  );
}
