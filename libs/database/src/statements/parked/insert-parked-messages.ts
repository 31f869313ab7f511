import { createHash } from 'node:crypto';
import { queryRows, type Queryable } from '../sql/query-rows.js';
import { storableText } from '../sql/storable-text.js';
import { valuesList } from '../sql/values-list.js';

export interface NewParkedMessage {
  /** UUIDv7. */
  id: string;
  /** The key of the consumer that takes it up again. */
  consumer: string;
  daemonId: string;
  subject: string;
  payload: Uint8Array;
  reason: string;
  /** How often it was delivered before. */
  tries: number;
  sentAt: Date;
  delayMilliseconds: number;
}

/** What is parked of one daemon and consumer, or of all. */
export interface ParkedAmount {
  messages: number;
  bytes: number;
}

/** Characters: longer subjects name nobody. */
const MAX_SUBJECT_LENGTH = 4096;
const MAX_REASON_LENGTH = 500;

/**
 * Waits until nobody else parks messages of these daemons, and tells how much of each is parked. Until the
 * transaction ends it stays as it is, except that messages leave.
 */
export async function lockParkedAmounts(
  db: Queryable,
  consumer: string,
  daemonIds: readonly string[],
): Promise<Map<string, ParkedAmount>> {
  // In the order of the ids, so that two transactions that lock several cannot wait for each other.
  for (const daemonId of [...daemonIds].sort()) {
    await queryRows(db, `SELECT pg_advisory_xact_lock(hashtextextended($1, 17))`, [
      `parked_messages ${consumer} ${daemonId}`,
    ]);
  }
  const rows = await queryRows<ParkedAmount & { daemonId: string }>(
    db,
    `SELECT daemon_id AS "daemonId", count(*)::int AS messages, sum(size_bytes)::float8 AS bytes
       FROM parked_messages
      WHERE consumer = $1 AND daemon_id = ANY($2)
      GROUP BY daemon_id`,
    [consumer, daemonIds],
  );
  return new Map(rows.map(({ daemonId, messages, bytes }) => [daemonId, { messages, bytes }]));
}

/** What all daemons together have parked. Reads an index of all of it. */
export async function countParkedMessages(db: Queryable): Promise<ParkedAmount> {
  const [row] = await queryRows<ParkedAmount>(
    db,
    `SELECT count(*)::int AS messages, coalesce(sum(size_bytes), 0)::float8 AS bytes FROM parked_messages`,
  );
  return row!;
}

/** Parks messages; what is parked already stays as it is. */
export async function insertParkedMessages(
  db: Queryable,
  messages: readonly NewParkedMessage[],
): Promise<void> {
  if (messages.length === 0) return;
  const { values, parameters } = valuesList(messages, (message, parameter) => [
    `${parameter(message.id)}::uuid`,
    parameter(message.consumer),
    parameter(message.daemonId),
    parameter(storableText(message.subject, MAX_SUBJECT_LENGTH)),
    `${parameter(message.payload)}::bytea`,
    `${parameter(message.payload.length)}::int`,
    `${parameter(messageDigest(message))}::bytea`,
    parameter(storableText(message.reason, MAX_REASON_LENGTH)),
    `${parameter(message.tries)}::int`,
    `${parameter(message.sentAt)}::timestamptz`,
    `now() + make_interval(secs => ${parameter(message.delayMilliseconds / 1000)}::float8)`,
  ]);
  await queryRows(
    db,
    `INSERT INTO parked_messages (
       id, consumer, daemon_id, subject, payload, size_bytes, message_sha256, reason, tries, sent_at, due_at)
     VALUES ${values}
     ON CONFLICT (consumer, message_sha256) DO NOTHING`,
    parameters,
  );
}

function messageDigest({ subject, payload }: NewParkedMessage): Buffer {
  return createHash('sha256').update(subject).update('\0').update(payload).digest();
}
