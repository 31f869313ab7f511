import { createHash } from 'node:crypto';
import type { ErrorCode } from '#contracts';
import { queryRows, type Queryable } from '../sql/query-rows.js';
import { storableText } from '../sql/storable-text.js';

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
 * Keeps a message that can never succeed. The same message refused again (the same consumer, subject and
 * bytes) is the same dead letter, with the latest reason, and is to be replayed again. It may hold anything:
 * what Postgres does not store in a text is replaced, and what is too long is cut.
 *
 * @returns the id of the dead letter: the given one, or the one that it had before
 */
export async function insertDeadLetter(db: Queryable, letter: NewDeadLetter): Promise<string> {
  const [row] = await queryRows<{ id: string }>(
    db,
    `INSERT INTO dead_letters (
       id, consumer, subject, code, path, reason, payload, payload_size_bytes, payload_sha256, headers,
       daemon_id, task_id, event_id, delivered_count)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
     ON CONFLICT (consumer, subject, payload_sha256) DO UPDATE
       SET code = excluded.code, path = excluded.path, reason = excluded.reason,
           delivered_count = excluded.delivered_count, replayed_at = NULL
     RETURNING id`,
    [
      letter.id,
      letter.consumer,
      storableSubject(letter.subject),
      letter.code,
      letter.path === undefined ? null : storableText(letter.path, MAX_PATH_LENGTH),
      storableText(letter.reason, MAX_REASON_LENGTH),
      letter.payload.subarray(0, MAX_LETTER_PAYLOAD_BYTES),
      letter.payload.length,
      createHash('sha256').update(letter.payload).digest(),
      JSON.stringify(storableHeaders(letter.headers ?? {})),
      letter.daemonId,
      letter.taskId,
      letter.eventId,
      letter.deliveredCount,
    ],
  );
  return row!.id;
}

/**
 * Deletes the oldest dead letters of a daemon that are more than {@link MAX_LETTERS_PER_DAEMON}.
 *
 * @param daemonId undefined: those that name none
 */
export async function trimDeadLetters(db: Queryable, daemonId: string | undefined): Promise<void> {
  await queryRows(
    db,
    `DELETE FROM dead_letters
      WHERE id IN (SELECT id FROM dead_letters
                    WHERE daemon_id IS NOT DISTINCT FROM $1
                    ORDER BY id DESC OFFSET $2
                      FOR UPDATE SKIP LOCKED)`,
    [daemonId ?? null, MAX_LETTERS_PER_DAEMON],
  );
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
