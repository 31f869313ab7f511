import { queryRows, type Queryable } from '../sql/query-rows.js';

export interface SpawnTimeouts {
  spawnTimeoutSeconds: number;
  daemonTimeoutSeconds: number;
}

/** @param daemon alias of its row; `$2` is the daemon timeout in seconds */
export const ALIVE = (daemon: string) => `${daemon}.last_heartbeat_at > now() - make_interval(secs => $2)`;

/**
 * Locks a task whose spawn was not claimed in time although a living daemon with a free slot could have, and
 * returns its id: its command must have been lost. Null if there is none. Who could have: the requested
 * daemon; any of the pool if none was requested, or if that one is dead. Commands that wait for a daemon or
 * for a free slot are left alone.
 *
 * The time doubles with every unclaimed spawn in a row, up to 64 times.
 */
export async function lockUnclaimedSpawn(
  db: Queryable,
  { spawnTimeoutSeconds, daemonTimeoutSeconds }: SpawnTimeouts,
): Promise<string | null> {
  const [row] = await queryRows<{ id: string }>(
    db,
    `SELECT t.id
       FROM tasks t
      WHERE t.state = 'spawning' AND t.daemon_id IS NULL
        AND t.spawned_at < now() - make_interval(secs => $1 * 2 ^ LEAST(6, t.attempt - (
              SELECT max(a.attempt) FROM task_attempts a WHERE a.task_id = t.id AND a.cause <> 'respawn')))
        AND EXISTS (
          SELECT FROM daemons d
           WHERE ${ALIVE('d')} AND jsonb_array_length(d.running_tasks) < d.max_tasks
             AND (d.id = t.requested_daemon_id OR d.pool = t.pool AND NOT EXISTS (
                   SELECT FROM daemons requested
                    WHERE requested.id = t.requested_daemon_id AND ${ALIVE('requested')})))
      ORDER BY t.spawned_at
      LIMIT 1
        FOR NO KEY UPDATE OF t SKIP LOCKED`,
    [spawnTimeoutSeconds, daemonTimeoutSeconds],
  );
  return row?.id ?? null;
}
