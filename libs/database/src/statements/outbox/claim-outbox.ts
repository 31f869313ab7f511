import { queryRows, type Queryable } from '../sql/query-rows.js';

/** A message to publish. */
export interface ClaimedMessage {
  /** A 64-bit integer, as text. */
  id: string;
  taskId: string | null;
  subject: string;
  messageId: string;
  headers: Record<string, string>;
  /** JSON, as it was written. */
  payload: string;
  /** When it was written, by the database's clock. */
  createdAt: Date;
}

/**
 * Claims messages for this transaction, in the order of their ids: the oldest of up to `limit` tasks, each
 * with the messages that wait behind it, up to `limit` rows in all.
 *
 * The relay that holds the oldest message of a task holds the task: others find that row locked and skip it,
 * and none of the later ones is the oldest. So a task's messages are sent one after another with any number
 * of relays. No position is remembered: a row whose transaction commits later than that of a higher id is
 * still found.
 */
export function claimOutbox(db: Queryable, limit: number): Promise<ClaimedMessage[]> {
  return queryRows(
    db,
    `WITH heads AS (
       SELECT id, task_id
         FROM outbox o
        WHERE NOT EXISTS (SELECT FROM outbox earlier WHERE earlier.task_id = o.task_id AND earlier.id < o.id)
        ORDER BY id
        LIMIT $1
          FOR UPDATE SKIP LOCKED
     )
     SELECT id, task_id AS "taskId", subject, message_id AS "messageId", headers, payload::text AS payload,
            created_at AS "createdAt"
       FROM outbox
      WHERE id IN (SELECT id FROM heads) OR task_id IN (SELECT task_id FROM heads)
      ORDER BY id
      LIMIT $1`,
    [limit],
  );
}

/** Removes messages that NATS has. */
export async function deleteOutbox(db: Queryable, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await queryRows(db, 'DELETE FROM outbox WHERE id = ANY($1::bigint[])', [ids]);
}
