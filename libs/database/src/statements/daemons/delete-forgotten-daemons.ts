import { queryRows, type Queryable } from '../sql/query-rows.js';

/**
 * Deletes up to `limit` daemons that have been silent for so long that they are not expected back, except
 * those that still hold a task. One that does come back is registered again by its heartbeat. Any number of
 * processes may call it concurrently.
 *
 * @returns how many; fewer than `limit` means that nothing is left, except what others have locked
 */
export async function deleteForgottenDaemons(
  db: Queryable,
  { silentForSeconds, limit }: { silentForSeconds: number; limit: number },
): Promise<number> {
  const deleted = await queryRows(
    db,
    `DELETE FROM daemons
      WHERE id IN (
        SELECT d.id FROM daemons d
         WHERE d.last_heartbeat_at < now() - make_interval(secs => $1)
           AND NOT EXISTS (
             SELECT FROM tasks t WHERE t.daemon_id = d.id AND t.state IN ('spawning', 'running'))
         LIMIT $2
           FOR UPDATE OF d SKIP LOCKED)
     RETURNING id`,
    [silentForSeconds, limit],
  );
  return deleted.length;
}
