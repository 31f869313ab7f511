import { queryRows, type Queryable } from '../sql/query-rows.js';

/** No checkpoint of the attempt of a part `p` can be restored. */
const IS_USELESS = `NOT EXISTS (
          SELECT FROM task_checkpoints c
           WHERE c.task_id = p.task_id AND c.attempt = p.attempt
             AND coalesce(c.patch_id, c.bundle_id) IS NOT NULL)`;

/**
 * Deletes what is stored of up to `limit` conversations that no checkpoint can be restored with any more: all
 * patches and bundles of their attempt have expired or were deleted. Any number of processes may call it
 * concurrently, each in a transaction: the tasks stay locked, so that no checkpoint is stored on top of parts
 * that are being deleted.
 *
 * An attempt keeps its parts as long as one of its checkpoints can be restored: later checkpoints stand on
 * the parts of earlier ones.
 *
 * @returns how many; fewer than `limit` means that nothing is left, except what others have locked
 */
export async function deleteExpiredConversations(db: Queryable, limit: number): Promise<number> {
  const locked = await queryRows<{ id: string }>(
    db,
    `SELECT t.id
       FROM tasks t
      WHERE EXISTS (SELECT FROM conversation_parts p
                     WHERE p.task_id = t.id AND p.start_byte = 0 AND ${IS_USELESS})
      LIMIT $1
        FOR UPDATE SKIP LOCKED`,
    [limit],
  );
  // A statement of its own: it sees what was stored until the locks were there.
  await queryRows(
    db,
    `DELETE FROM conversation_parts p WHERE p.task_id = ANY($1::uuid[]) AND ${IS_USELESS} RETURNING p.attempt`,
    [locked.map(({ id }) => id)],
  );
  return locked.length;
}
