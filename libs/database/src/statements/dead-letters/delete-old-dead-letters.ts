import { queryRows, type Queryable } from '../sql/query-rows.js';

export interface DeadLetterBounds {
  /** Older ones go. */
  days: number;
  /** Of all daemons together: the oldest go. */
  most: number;
  mostBytes: number;
  /** Deleted by one call. */
  limit: number;
}

/**
 * Deletes dead letters that are too old, or of which there are too many; up to `limit`. Any number of
 * processes may call it at once: each skips what another deletes.
 *
 * @returns how many; fewer than `limit` means that nothing is left, except what others have locked
 */
export async function deleteOldDeadLetters(
  db: Queryable,
  { days, most, mostBytes, limit }: DeadLetterBounds,
): Promise<number> {
  const deleted = await queryRows(
    db,
    `DELETE FROM dead_letters
      WHERE id IN (
        SELECT id FROM dead_letters
         WHERE id IN (
           SELECT id FROM (
             SELECT id, created_at, row_number() OVER newest AS place,
                    sum(octet_length(payload)) OVER newest AS bytes
               FROM dead_letters
             WINDOW newest AS (ORDER BY created_at DESC, id DESC)) AS counted
            WHERE created_at < now() - make_interval(days => $1) OR place > $2 OR bytes > $3
            ORDER BY created_at LIMIT $4)
           FOR UPDATE SKIP LOCKED)
     RETURNING id`,
    [days, most, mostBytes, limit],
  );
  return deleted.length;
}

/** Dead letters of each daemon that has some, most first; null: those that name none. */
export function countDeadLetters(
  db: Queryable,
  limit: number,
): Promise<{ daemonId: string | null; letters: number }[]> {
  return queryRows(
    db,
    `SELECT daemon_id AS "daemonId", count(*)::int AS letters
       FROM dead_letters GROUP BY daemon_id ORDER BY count(*) DESC, daemon_id LIMIT $1`,
    [limit],
  );
}
