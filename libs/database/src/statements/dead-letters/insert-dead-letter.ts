import { createHash } from 'node:crypto';
import type { ErrorCode } from '#contracts';
import { queryRows, type Queryable } from '../sql/query-rows.js';

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

/**
 * Keeps a message that can never succeed. The same message refused again (the same consumer, subject and
 * bytes) is the same dead letter, with the latest reason, and is to be replayed again. Texts may hold
 * anything: they come from a message that was refused.
 *
 * @returns the id of the dead letter: the given one, or the one that it had before
 */
export async function insertDeadLetter(db: Queryable, letter: NewDeadLetter): Promise<string> {
  const [row] = await queryRows<{ id: string }>(
    db,
    `INSERT INTO dead_letters (
       id, consumer, subject, code, path, reason, payload, payload_sha256, headers,
       daemon_id, task_id, event_id, delivered_count)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
     ON CONFLICT (consumer, subject, payload_sha256) DO UPDATE
       SET code = excluded.code, path = excluded.path, reason = excluded.reason,
           delivered_count = excluded.delivered_count, replayed_at = NULL
     RETURNING id`,
    [
      letter.id,
      letter.consumer,
      withoutNul(letter.subject),
      letter.code,
      letter.path === undefined ? null : withoutNul(letter.path),
      withoutNul(letter.reason),
      letter.payload,
      createHash('sha256').update(letter.payload).digest(),
      JSON.stringify(letter.headers ?? {}, (_name, value: unknown) =>
        typeof value === 'string' ? withoutNul(value) : value,
      ),
      letter.daemonId,
      letter.taskId,
      letter.eventId,
      letter.deliveredCount,
    ],
  );
  return row!.id;
}

/** Postgres stores no NUL in text; the payload, which is bytes, keeps it. */
function withoutNul(text: string): string {
  return text.replaceAll('\0', '\uFFFD');
}
