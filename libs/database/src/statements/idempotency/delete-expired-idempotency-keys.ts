import { queryRows, type Queryable } from '../sql/query-rows.js';

/**
 * Deletes up to `limit` keys whose time is over. Any number of processes may do so at once: what one has
 * locked, the others skip.
 *
 * @returns how many; fewer than `limit` means that, apart from what others hold, nothing is left
 */
export async function deleteExpiredIdempotencyKeys(db: Queryable, limit: number): Promise<number> {
  const deleted = await queryRows(
    db,
    `DELETE FROM idempotency_keys
      WHERE key IN (SELECT key FROM idempotency_keys WHERE expires_at <= now()
                     ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED)
     RETURNING key`,
    [limit],
  );
  return deleted.length;
}
