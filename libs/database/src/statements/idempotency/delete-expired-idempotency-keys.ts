import { queryRows, type Queryable } from '../sql/query-rows.js';

/**
 * Deletes up to `limit` expired keys. Any number of processes may call it concurrently: each skips what
 * another has locked.
 *
 * @returns how many; fewer than `limit` means that nothing is left, except what others have locked
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
