import { queryRows, type Queryable } from '../sql/query-rows.js';

/** What is sent again. */
export interface BuriedMessage {
  subject: string;
  headers: Record<string, string>;
  payload: Buffer;
}

/**
 * Notes that a dead letter is sent again, and returns it; null when there is none. Publish it in the same
 * transaction: its row stays locked, so that a refusal that follows at once is noted after this.
 */
export async function markDeadLetterReplayed(db: Queryable, id: string): Promise<BuriedMessage | null> {
  const [message = null] = await queryRows<BuriedMessage>(
    db,
    'UPDATE dead_letters SET replayed_at = now() WHERE id = $1 RETURNING subject, headers, payload',
    [id],
  );
  return message;
}
