import { queryRows, type Queryable } from '../sql/query-rows.js';

/** Longer than any request takes: a transaction is aborted after 90 seconds. */
const HOLD_SECONDS = 120;

const KEPT_HOURS = 24;

export interface KeyedRequest {
  key: string;
  /** Hex. Two requests with the same one are the same request. */
  requestSha256: string;
  /** UUID of this run of it. */
  holder: string;
}

/** The answer to a request. */
export interface KeptAnswer {
  status: number;
  /** Null: it was empty. */
  body: unknown;
  location: string | null;
}

export type HeldKey =
  | { outcome: 'held' }
  | { outcome: 'answered'; answer: KeptAnswer }
  | { outcome: 'in-progress' }
  | { outcome: 'of-another-request' };

/**
 * Takes a key for one run of a request, or returns what it was taken for. Of concurrent callers, only one
 * gets it.
 *
 * A key is taken over when it has expired (24 hours), and by the same request when the previous run gave no
 * answer within two minutes: its process has died.
 */
export async function holdIdempotencyKey(db: Queryable, request: KeyedRequest): Promise<HeldKey> {
  const held = await queryRows(
    db,
    `INSERT INTO idempotency_keys AS known (key, request_sha256, holder, held_until, expires_at)
     VALUES ($1, decode($2, 'hex'), $3, now() + make_interval(secs => $4), now() + make_interval(hours => $5))
     ON CONFLICT (key) DO UPDATE
       SET request_sha256 = excluded.request_sha256, holder = excluded.holder, held_until = excluded.held_until,
           status = NULL, body = NULL, location = NULL, expires_at = excluded.expires_at
     WHERE known.expires_at <= now()
        OR (known.status IS NULL AND known.held_until <= now() AND known.request_sha256 = excluded.request_sha256)
     RETURNING key`,
    [request.key, request.requestSha256, request.holder, HOLD_SECONDS, KEPT_HOURS],
  );
  return held.length > 0 ? { outcome: 'held' } : whatItIsTakenFor(db, request);
}

interface KnownKey {
  isSame: boolean;
  status: number | null;
  /** As JSON. */
  body: string | null;
  location: string | null;
}

async function whatItIsTakenFor(db: Queryable, { key, requestSha256 }: KeyedRequest): Promise<HeldKey> {
  const [known] = await queryRows<KnownKey>(
    db,
    `SELECT request_sha256 = decode($2, 'hex') AS "isSame", status, body, location
       FROM idempotency_keys WHERE key = $1`,
    [key, requestSha256],
  );
  // It has been released in the meantime: the next caller gets it.
  if (!known) return { outcome: 'in-progress' };
  const { isSame, status, body, location } = known;
  if (!isSame) return { outcome: 'of-another-request' };
  return status === null
    ? { outcome: 'in-progress' }
    : { outcome: 'answered', answer: { status, body: body && JSON.parse(body), location } };
}
