import type { FailingCaptures } from '#contracts';
import { queryRows, type Queryable } from '../sql/query-rows.js';

/** A task whose captures began to fail, or work again. */
export interface CaptureHealthChange {
  taskId: string;
  attempt: number;
  failingSince: Date;
  /** Null: they work again. */
  reason: string | null;
  /** By the database's clock. */
  at: Date;
}

/**
 * Notes which tasks a daemon cannot capture, of those whose current attempt it holds: what it does not name
 * works again. May run again and again.
 *
 * @returns what changed, in any order; another reason for the same failure is no change
 */
export function noteFailingCaptures(
  db: Queryable,
  daemonId: string,
  failing: readonly FailingCaptures[],
): Promise<CaptureHealthChange[]> {
  return queryRows(
    db,
    `WITH said AS (
       SELECT * FROM jsonb_to_recordset($2::jsonb)
           AS s ("taskId" uuid, attempt int, "failingSeconds" float8, reason text)
     ), held AS (
       SELECT t.id, t.captures_failing_since AS since, s.reason,
              date_trunc('milliseconds', now() - make_interval(secs => s."failingSeconds")) AS said_since
         FROM tasks t
         LEFT JOIN said s ON s."taskId" = t.id AND s.attempt = t.attempt
        WHERE t.daemon_id = $1
          AND (t.captures_failing_since IS NOT NULL OR t.id IN (SELECT "taskId" FROM said))
        ORDER BY t.id
          FOR UPDATE OF t
     ), noted AS (
       UPDATE tasks t
          SET captures_failing_since = CASE WHEN held.reason IS NOT NULL THEN coalesce(held.since, held.said_since) END,
              captures_failing_reason = held.reason
         FROM held
        WHERE t.id = held.id AND t.captures_failing_reason IS DISTINCT FROM held.reason
       RETURNING t.id, t.attempt, held.since, held.said_since, held.reason
     )
     SELECT id AS "taskId", attempt, coalesce(since, said_since) AS "failingSince", reason, now() AS at
       FROM noted
      WHERE (since IS NULL) <> (reason IS NULL)`,
    [daemonId, JSON.stringify(failing)],
  );
}
