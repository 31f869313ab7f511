import type { KeptAnswer, KeyedRequest } from './hold-idempotency-key.js';
import { queryRows, type Queryable } from '../sql/query-rows.js';

/**
 * Stores the answer to a request under its key. Nothing happens when another run has taken the key over. May
 * run twice.
 */
export async function keepAnswer(
  db: Queryable,
  { key, holder }: KeyedRequest,
  { status, body, location }: KeptAnswer,
): Promise<void> {
  await queryRows(
    db,
    `UPDATE idempotency_keys SET status = $3, body = $4, location = $5 WHERE key = $1 AND holder = $2`,
    [key, holder, status, body === null ? null : JSON.stringify(body), location],
  );
}
