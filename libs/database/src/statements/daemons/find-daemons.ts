import type { HeartbeatTask } from '#contracts';
import { queryRows, type Queryable } from '../sql/query-rows.js';

export interface KnownDaemon {
  id: string;
  pool: string;
  hostname: string;
  agentVersion: string;
  maxTasks: number;
  runningTasks: HeartbeatTask[];
  startedAt: Date;
  firstSeenAt: Date;
  lastHeartbeatAt: Date;
  /** It sent a heartbeat recently, by the database's clock. */
  isAlive: boolean;
}

/**
 * Known daemons, by id: all, those of a pool, or one.
 *
 * @param daemonTimeoutSeconds one without a heartbeat for this long is not alive
 */
export function findDaemons(
  db: Queryable,
  daemonTimeoutSeconds: number,
  filter: { id?: string; pool?: string } = {},
): Promise<KnownDaemon[]> {
  return queryRows(
    db,
    `SELECT id, pool, hostname, agent_version AS "agentVersion", max_tasks AS "maxTasks",
            running_tasks AS "runningTasks", started_at AS "startedAt", first_seen_at AS "firstSeenAt",
            last_heartbeat_at AS "lastHeartbeatAt",
            last_heartbeat_at > now() - make_interval(secs => $1) AS "isAlive"
       FROM daemons
      WHERE ($2::text IS NULL OR id = $2) AND ($3::text IS NULL OR pool = $3)
      ORDER BY id`,
    [daemonTimeoutSeconds, filter.id, filter.pool],
  );
}
