import { queryRows, type Queryable } from '../sql/query-rows.js';

/** After a gap of this length, the listener may have missed heartbeats. */
const GAP_SECONDS = 15;

/**
 * Records that heartbeats of daemons are received now. Call it every few seconds; any number of processes
 * may.
 */
export async function noteListening(db: Queryable): Promise<void> {
  await queryRows(
    db,
    `INSERT INTO heartbeat_listener AS listener DEFAULT VALUES
     ON CONFLICT (id) DO UPDATE
       SET last_seen_at = now(),
           listening_since = CASE WHEN listener.last_seen_at < now() - make_interval(secs => $1)
                                  THEN now() ELSE listener.listening_since END`,
    [GAP_SECONDS],
  );
}
