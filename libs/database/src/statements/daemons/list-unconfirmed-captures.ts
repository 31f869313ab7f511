import { MAX_UNCONFIRMED_TASKS } from '#contracts';
import { queryRows, type Queryable } from '../sql/query-rows.js';

/**
 * What the daemon that holds a task's current attempt last reported about the captures that it has not seen
 * stored.
 */
export interface UnconfirmedOfTask {
  count: number;
  /** How long the oldest has waited by now. Null: there is none. */
  oldestAgeSeconds: number | null;
  /** How long ago the daemon reported this: it sends heartbeats as long as it is alive. */
  saidAgeSeconds: number;
}

/**
 * For each of these tasks whose daemon reports them. Captures of an attempt that continued elsewhere are not
 * counted: their daemon may never come back.
 */
export async function listUnconfirmedCaptures(
  db: Queryable,
  taskIds: readonly string[],
): Promise<Map<string, UnconfirmedOfTask>> {
  const rows = await queryRows<UnconfirmedOfTask & { taskId: string }>(
    db,
    `SELECT t.id AS "taskId", coalesce(said.count, 0) AS count,
            said.age + silence.seconds AS "oldestAgeSeconds", silence.seconds AS "saidAgeSeconds"
       FROM tasks t
       JOIN daemons d ON d.id = t.daemon_id
      CROSS JOIN LATERAL (
         SELECT greatest(0, floor(extract(epoch FROM now() - d.last_heartbeat_at)))::float8 AS seconds
       ) silence
       LEFT JOIN LATERAL (
         SELECT u.count, u."oldestAgeSeconds" AS age
           FROM jsonb_to_recordset(d.unconfirmed_captures) AS u ("taskId" uuid, count int, "oldestAgeSeconds" float8)
          WHERE u."taskId" = t.id
          LIMIT 1
       ) said ON true
      WHERE t.id = ANY($1::uuid[]) AND d.unconfirmed_captures IS NOT NULL
        AND (said.count IS NOT NULL OR jsonb_array_length(d.unconfirmed_captures) < $2)`,
    [taskIds, MAX_UNCONFIRMED_TASKS],
  );
  return new Map(rows.map(({ taskId, ...unconfirmed }) => [taskId, unconfirmed]));
}
