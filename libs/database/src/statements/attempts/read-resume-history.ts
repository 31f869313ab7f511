import { queryRows, type Queryable } from '../sql/query-rows.js';

export interface ResumeHistory {
  /**
   * Automatic resumes in a row that were lost again without progress: since the last attempt that was
   * requested, and since the last one that stored a checkpoint.
   */
  failedResumes: number;
  /** Since the current attempt ended; 0 while it is running. */
  endedForSeconds: number;
}

/** What the next automatic resume of a task depends on. */
export async function readResumeHistory(db: Queryable, taskId: string): Promise<ResumeHistory> {
  const [row] = await queryRows<ResumeHistory>(
    db,
    `SELECT (SELECT count(*)::int
               FROM task_attempts
              WHERE task_id = t.id AND cause = 'resume' AND outcome = 'lost' AND attempt > GREATEST(
                (SELECT max(attempt) FROM task_attempts WHERE task_id = t.id AND cause = 'request'),
                (SELECT max(attempt) FROM task_checkpoints WHERE task_id = t.id AND NOT superseded),
                0)) AS "failedResumes",
            COALESCE(extract(epoch FROM now() - t.ended_at), 0)::float8 AS "endedForSeconds"
       FROM tasks t
      WHERE t.id = $1`,
    [taskId],
  );
  return row!;
}
