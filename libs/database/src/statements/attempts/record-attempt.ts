import type { SpawnCause } from '../../entities/index.js';
import { queryRows, type Queryable } from '../sql/query-rows.js';

/**
 * Writes the task's current attempt into `task_attempts` as the task's row describes it, and closes the
 * attempts before it. Call it after every change of a task, in its transaction, while the task is locked. May
 * run twice.
 *
 * @param cause used if the attempt is new
 */
export async function recordAttempt(db: Queryable, taskId: string, cause: SpawnCause): Promise<void> {
  await queryRows(
    db,
    `WITH superseded AS (
       UPDATE task_attempts older
          SET ended_at = now(), outcome = 'superseded'
         FROM tasks t
        WHERE t.id = $1 AND older.task_id = t.id AND older.attempt < t.attempt AND older.outcome IS NULL
     )
     INSERT INTO task_attempts AS known
       (task_id, attempt, cause, daemon_id, spawned_at, claimed_at, started_at, ended_at, outcome)
     SELECT id, attempt, $2, daemon_id, spawned_at, CASE WHEN daemon_id IS NOT NULL THEN now() END,
            started_at, ended_at, CASE WHEN state NOT IN ('spawning', 'running') THEN state END
       FROM tasks
      WHERE id = $1
     ON CONFLICT (task_id, attempt) DO UPDATE
       SET daemon_id = excluded.daemon_id, claimed_at = COALESCE(known.claimed_at, excluded.claimed_at),
           started_at = excluded.started_at, ended_at = excluded.ended_at, outcome = excluded.outcome`,
    [taskId, cause],
  );
}
