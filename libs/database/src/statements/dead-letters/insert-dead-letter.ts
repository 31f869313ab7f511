import { createHash } from 'node:crypto';
import type { ErrorCode } from '#contracts';
import { queryRows, type Queryable } from '../sql/query-rows.js';
import { storableText } from '../sql/storable-text.js';
import { valuesList } from '../sql/values-list.js';

export interface NewDeadLetter {
  /** UUIDv7. */
  id: string;
  /** Durable consumer that refused the message. */
  consumer: string;
  subject: string;
  code: ErrorCode;
  path?: string | undefined;
  reason: string;
  /** The message, whole. */
  payload: Uint8Array;
  headers?: Record<string, string>;
  /** As far as they could be read. */
  daemonId?: string | undefined;
  taskId?: string | undefined;
  eventId?: string | undefined;
  deliveredCount: number;
}

/** What is kept of a message: more than any that our daemons send, unless it carries several patches. */
export const MAX_LETTER_PAYLOAD_BYTES = 256 * 1024;

/** Of one daemon (and of all that name none): its oldest make room for the newest. */
export const MAX_LETTERS_PER_DAEMON = 500;

/** Characters; a unique index holds the subject, and a row of it has at most 2,704 bytes. */
const MAX_SUBJECT_LENGTH = 400;
const MAX_PATH_LENGTH = 1000;
const MAX_REASON_LENGTH = 8000;
const MAX_HEADERS = 30;
const MAX_HEADER_LENGTH = 500;

/**
 * Keeps messages that can never succeed. The same message refused again (the same consumer, subject and
 * bytes) is the same dead letter, with the latest reason, and is to be replayed again. They may hold
 * anything: what Postgres does not store in a text is replaced, and what is too long is cut.
 *
 * @returns the id of each dead letter, in their order: the given one, or the one that it had before
 */
export async function insertDeadLetters(db: Queryable, letters: readonly NewDeadLetter[]): Promise<string[]> {
  if (letters.length === 0) return [];
  const keys = letters.map(keyOf);
  // One statement cannot change a row twice. In one order, so that two cannot wait for each other.
  const latest = new Map(letters.map((letter, index) => [keys[index]!, letter]));
  const { values, parameters } = valuesList(
    [...latest.keys()].sort().map((key) => latest.get(key)!),
    toRow,
  );
  const rows = await queryRows<{ id: string; consumer: string; subject: string; digest: string }>(
    db,
    `INSERT INTO dead_letters (
       id, consumer, subject, code, path, reason, payload, payload_size_bytes, payload_sha256, headers,
       daemon_id, task_id, event_id, delivered_count)
     VALUES ${values}
     ON CONFLICT (consumer, subject, payload_sha256) DO UPDATE
       SET code = excluded.code, path = excluded.path, reason = excluded.reason,
           delivered_count = excluded.delivered_count, replayed_at = NULL
     RETURNING id, consumer, subject, encode(payload_sha256, 'hex') AS digest`,
    parameters,
  );
  const ids = new Map(rows.map(({ id, ...key }) => [joined(key), id]));
  return keys.map((key) => ids.get(key)!);
}

/** {@link insertDeadLetters} of one. */
export async function insertDeadLetter(db: Queryable, letter: NewDeadLetter): Promise<string> {
  return (await insertDeadLetters(db, [letter]))[0]!;
}

function toRow(letter: NewDeadLetter, parameter: (value: unknown) => string): string[] {
  return [
    `${parameter(letter.id)}::uuid`,
    parameter(letter.consumer),
    parameter(storableSubject(letter.subject)),
    parameter(letter.code),
    parameter(letter.path === undefined ? null : storableText(letter.path, MAX_PATH_LENGTH)),
    parameter(storableText(letter.reason, MAX_REASON_LENGTH)),
    `${parameter(letter.payload.subarray(0, MAX_LETTER_PAYLOAD_BYTES))}::bytea`,
    `${parameter(letter.payload.length)}::int`,
    `${parameter(digestOf(letter))}::bytea`,
    `${parameter(JSON.stringify(storableHeaders(letter.headers ?? {})))}::jsonb`,
    parameter(letter.daemonId ?? null),
    `${parameter(letter.taskId ?? null)}::uuid`,
    `${parameter(letter.eventId ?? null)}::uuid`,
    `${parameter(letter.deliveredCount)}::int`,
  ];
}

/**
 * Deletes the oldest dead letters of a daemon that are more than {@link MAX_LETTERS_PER_DAEMON}. Call it in
 * the transaction that has inserted some: it waits for other such transactions, so that the bound holds with
 * any number of them.
 *
 * @param daemonId undefined: those that name none
 */
export async function trimDeadLetters(db: Queryable, daemonId: string | undefined): Promise<void> {
  await queryRows(db, `SELECT pg_advisory_xact_lock(hashtextextended($1, 18))`, [daemonId ?? '']);
  // Not IS NOT DISTINCT FROM, for which Postgres reads the whole table: a second for 64 letters.
  const isTheirs = daemonId === undefined ? 'daemon_id IS NULL AND $1::text IS NULL' : 'daemon_id = $1';
  await queryRows(
    db,
    `DELETE FROM dead_letters
      WHERE id IN (SELECT id FROM dead_letters
                    WHERE ${isTheirs}
                    ORDER BY id DESC OFFSET $2
                      FOR UPDATE SKIP LOCKED)`,
    [daemonId ?? null, MAX_LETTERS_PER_DAEMON],
  );
}

function keyOf(letter: NewDeadLetter): string {
  const { consumer, subject } = letter;
  return joined({ consumer, subject: storableSubject(subject), digest: digestOf(letter).toString('hex') });
}

function joined({ consumer, subject, digest }: Record<'consumer' | 'subject' | 'digest', string>): string {
  return `${consumer} ${digest} ${subject}`;
}

function digestOf({ payload }: NewDeadLetter): Buffer {
  return createHash('sha256').update(payload).digest();
}

/** One that is too long ends in a digest of the whole, so that two of the same beginning stay two. */
function storableSubject(subject: string): string {
  if (subject.length <= MAX_SUBJECT_LENGTH) return storableText(subject, MAX_SUBJECT_LENGTH);
  const digest = createHash('sha256').update(subject).digest('hex');
  return `${storableText(subject, MAX_SUBJECT_LENGTH)}…sha256:${digest}`;
}

function storableHeaders(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .slice(0, MAX_HEADERS)
      .map(([name, value]) => [
        storableText(name, MAX_HEADER_LENGTH),
        storableText(value, MAX_HEADER_LENGTH),
      ]),
  );
}
