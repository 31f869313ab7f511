import type { DaemonHeartbeat } from '#contracts';
import { queryRows, type Queryable } from '../sql/query-rows.js';

/**
 * Records a heartbeat, with the database's time.
 *
 * @returns whether the daemon was unknown before
 */
export async function upsertDaemon(db: Queryable, heartbeat: DaemonHeartbeat): Promise<{ isNew: boolean }> {
  const [row] = await queryRows<{ isNew: boolean }>(
    db,
    `INSERT INTO daemons AS known (id, pool, hostname, agent_version, max_tasks, running_tasks, started_at, unconfirmed_captures)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (id) DO UPDATE
       SET pool = excluded.pool, hostname = excluded.hostname, agent_version = excluded.agent_version,
           max_tasks = excluded.max_tasks, running_tasks = excluded.running_tasks,
           unconfirmed_captures = excluded.unconfirmed_captures,
           process_since = CASE WHEN known.started_at = excluded.started_at THEN known.process_since ELSE now() END,
           started_at = excluded.started_at, last_heartbeat_at = now()
     RETURNING known.xmax = 0 AS "isNew"`,
    [
      heartbeat.daemonId,
      heartbeat.pool,
      heartbeat.hostname,
      heartbeat.agentVersion,
      heartbeat.maxTasks,
      JSON.stringify(heartbeat.tasks),
      heartbeat.startedAt,
      heartbeat.unconfirmedCaptures === undefined ? null : JSON.stringify(heartbeat.unconfirmedCaptures),
    ],
  );
  return row!;
}
