import { queryRows, type Queryable } from '../sql/query-rows.js';

/**
 * Locks one task that a dead daemon holds, and returns its id; null if there is none that is not locked
 * already.
 *
 * Dead: no heartbeat and no claim for that long, while heartbeats could be received all that time. If they
 * could not (patch-store, NATS or this database was unreachable), silence proves nothing, and the time starts
 * over.
 */
export async function lockTaskOfDeadDaemon(
  db: Queryable,
  { daemonTimeoutSeconds }: { daemonTimeoutSeconds: number },
): Promise<string | null> {
  const [row] = await queryRows<{ id: string }>(
    db,
    `SELECT t.id
       FROM tasks t
       JOIN task_attempts a ON a.task_id = t.id AND a.attempt = t.attempt
       LEFT JOIN daemons d ON d.id = t.daemon_id
      CROSS JOIN heartbeat_listener listener
      WHERE t.state IN ('spawning', 'running') AND t.daemon_id IS NOT NULL
        AND listener.last_seen_at > now() - make_interval(secs => $1)
        AND GREATEST(d.last_heartbeat_at, a.claimed_at, listener.listening_since) < now() - make_interval(secs => $1)
      ORDER BY t.id
      LIMIT 1
        FOR NO KEY UPDATE OF t SKIP LOCKED`,
    [daemonTimeoutSeconds],
  );
  return row?.id ?? null;
}
