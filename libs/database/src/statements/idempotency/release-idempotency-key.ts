import type { KeyedRequest } from './hold-idempotency-key.js';
import { queryRows, type Queryable } from '../sql/query-rows.js';

/** Gives a key back unused, unless another run has taken it over. May run twice. */
export async function releaseIdempotencyKey(db: Queryable, { key, holder }: KeyedRequest): Promise<void> {
  await queryRows(db, 'DELETE FROM idempotency_keys WHERE key = $1 AND holder = $2', [key, holder]);
}
