import { ALIVE } from './lock-unclaimed-spawn.js';
import { queryRows, type Queryable } from '../sql/query-rows.js';

/**
 * Locks a task whose daemon is alive but does not know it, and returns its id; null if there is none. This
 * happens in two ways:
 * - claimed long ago and never started
 * - running, and claimed by an earlier process of the daemon; the process that replaced it has been running
 *   for some time and does not name the task: the machine came back under the same name, without its disk
 *
 * @param claimTimeoutSeconds from the claim to the start
 * @param daemonTimeoutSeconds how long a new process may take to find its tasks again
 */
export async function lockForgottenTask(
  db: Queryable,
  {
    claimTimeoutSeconds,
    daemonTimeoutSeconds,
  }: { claimTimeoutSeconds: number; daemonTimeoutSeconds: number },
): Promise<string | null> {
  const [row] = await queryRows<{ id: string }>(
    db,
    `SELECT t.id
       FROM tasks t
       JOIN task_attempts a ON a.task_id = t.id AND a.attempt = t.attempt
       JOIN daemons d ON d.id = t.daemon_id
      WHERE (t.state = 'spawning' AND a.claimed_at < now() - make_interval(secs => $1)
             OR t.state = 'running' AND a.claimed_at < d.process_since
                AND d.process_since < now() - make_interval(secs => $2))
        AND ${ALIVE('d')} AND d.last_heartbeat_at > a.claimed_at
        AND NOT d.running_tasks @> jsonb_build_array(jsonb_build_object('taskId', t.id, 'attempt', t.attempt))
      ORDER BY t.id
      LIMIT 1
        FOR NO KEY UPDATE OF t SKIP LOCKED`,
    [claimTimeoutSeconds, daemonTimeoutSeconds],
  );
  return row?.id ?? null;
}
