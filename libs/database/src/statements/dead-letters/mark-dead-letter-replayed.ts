import { queryRows, type Queryable } from '../sql/query-rows.js';

/** What is sent again. */
export interface BuriedMessage {
  subject: string;
  headers: Record<string, string>;
  payload: Buffer;
  /** Only the beginning of it was kept, or of its subject: it cannot be sent again. */
  isCut: boolean;
}

/**
 * Notes that a dead letter is sent again, and returns it; null when there is none. Publish it in the same
 * transaction: its row stays locked, so that a refusal that follows at once is noted after this.
 */
export async function markDeadLetterReplayed(db: Queryable, id: string): Promise<BuriedMessage | null> {
  const [message = null] = await queryRows<BuriedMessage>(
    db,
    `UPDATE dead_letters SET replayed_at = now() WHERE id = $1
     RETURNING subject, headers, payload,
               coalesce(payload_size_bytes > octet_length(payload), false)
               OR subject = '?' OR subject LIKE '%…sha256:%' AS "isCut"`,
    [id],
  );
  return message;
}
