import { queryRows, type Queryable } from '../sql/query-rows.js';

/** A message that was taken up again. */
export interface TakenMessage {
  id: string;
  daemonId: string;
  subject: string;
  payload: Buffer;
  /** With this one. */
  tries: number;
  sentAt: Date;
}

export interface TakeOptions {
  consumer: string;
  /** Most messages of one daemon, so that none takes all places. */
  perDaemon: number;
  limit: number;
  /** After so long without a word of this process, another one may take them. */
  leaseSeconds: number;
}

/**
 * Takes messages that are due, longest due first and some of each daemon. Any number of processes may call it
 * at once: each skips what another takes.
 */
export function takeParkedMessages(
  db: Queryable,
  { consumer, perDaemon, limit, leaseSeconds }: TakeOptions,
): Promise<TakenMessage[]> {
  return queryRows(
    db,
    `UPDATE parked_messages AS parked
        SET tries = parked.tries + 1, due_at = now() + make_interval(secs => $4)
       FROM (SELECT due.id
               FROM (SELECT DISTINCT daemon_id FROM parked_messages
                      WHERE consumer = $1 AND due_at <= now()) AS sender
              CROSS JOIN LATERAL (
                    SELECT id, due_at FROM parked_messages
                     WHERE consumer = $1 AND daemon_id = sender.daemon_id AND due_at <= now()
                     ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED) AS due
              LIMIT $3) AS taken
      WHERE parked.id = taken.id
     RETURNING parked.id, parked.daemon_id AS "daemonId", parked.subject, parked.payload, parked.tries,
               parked.sent_at AS "sentAt"`,
    [consumer, perDaemon, limit, leaseSeconds],
  );
}

/** It waits on. */
export async function postponeParkedMessage(
  db: Queryable,
  id: string,
  delayMilliseconds: number,
): Promise<void> {
  await queryRows(db, `UPDATE parked_messages SET due_at = now() + make_interval(secs => $2) WHERE id = $1`, [
    id,
    delayMilliseconds / 1000,
  ]);
}

/** It is settled. Not there any more: settled already. */
export async function deleteParkedMessage(db: Queryable, id: string): Promise<void> {
  await queryRows(db, `DELETE FROM parked_messages WHERE id = $1`, [id]);
}

/** The daemons that have most parked, most first. */
export function listParkedAmounts(
  db: Queryable,
  limit: number,
): Promise<{ daemonId: string; messages: number; bytes: number }[]> {
  return queryRows(
    db,
    `SELECT daemon_id AS "daemonId", count(*)::int AS messages, sum(size_bytes)::float8 AS bytes
       FROM parked_messages GROUP BY daemon_id ORDER BY count(*) DESC, daemon_id LIMIT $1`,
    [limit],
  );
}
