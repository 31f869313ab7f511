import { queryRows, type Queryable } from '../sql/query-rows.js';

/**
 * Deletes what is stored of up to `limit` conversations that no checkpoint can be restored with any more: all
 * patches and bundles of their attempt have expired or were deleted. Any number of processes may call it
 * concurrently.
 *
 * An attempt keeps its parts as long as one of its checkpoints can be restored: later checkpoints stand on
 * the parts of earlier ones.
 *
 * @returns how many; fewer than `limit` means that nothing is left
 */
export async function deleteExpiredConversations(db: Queryable, limit: number): Promise<number> {
  const deleted = await queryRows<{ taskId: string; attempt: number }>(
    db,
    `WITH due AS (
       SELECT DISTINCT p.task_id, p.attempt
         FROM conversation_parts p
        WHERE p.start_byte = 0 AND NOT EXISTS (
          SELECT FROM task_checkpoints c
           WHERE c.task_id = p.task_id AND c.attempt = p.attempt
             AND coalesce(c.patch_id, c.bundle_id) IS NOT NULL)
        LIMIT $1
     ), gone AS (
       DELETE FROM conversation_parts p USING due
        WHERE (p.task_id, p.attempt) = (due.task_id, due.attempt)
       RETURNING p.task_id, p.attempt
     )
     SELECT DISTINCT task_id AS "taskId", attempt FROM gone`,
    [limit],
  );
  return deleted.length;
}
