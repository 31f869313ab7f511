import { queryRows, type Queryable } from '../sql/query-rows.js';
import { valuesList } from '../sql/values-list.js';

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

/** They wait on, each for its delay. */
export async function postponeParkedMessages(
  db: Queryable,
  messages: readonly { id: string; delayMilliseconds: number }[],
): Promise<void> {
  if (messages.length === 0) return;
  const { values, parameters } = valuesList(messages, ({ id, delayMilliseconds }, parameter) => [
    `${parameter(id)}::uuid`,
    `${parameter(delayMilliseconds / 1000)}::float8`,
  ]);
  await queryRows(
    db,
    `UPDATE parked_messages AS parked SET due_at = now() + make_interval(secs => waits.seconds)
       FROM (VALUES ${values}) AS waits (id, seconds)
      WHERE parked.id = waits.id`,
    parameters,
  );
}

/** They are settled. One that is not there any more is settled already. */
export async function deleteParkedMessages(db: Queryable, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await queryRows(db, `DELETE FROM parked_messages WHERE id = ANY($1)`, [ids]);
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
