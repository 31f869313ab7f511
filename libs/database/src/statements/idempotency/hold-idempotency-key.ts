import { queryRows, type Queryable } from '../sql/query-rows.js';

/** Longer than any request lasts: a transaction is cut after 90 seconds. */
const HOLD_SECONDS = 120;

const KEPT_HOURS = 24;

export interface KeyedRequest {
  key: string;
  /** Hex. Two requests with the same one are the same request. */
  requestSha256: string;
  /** UUID of this run of it. */
  holder: string;
}

/** The answer that a request had. */
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
 * Takes a key for one run of a request, or says what it was taken for. Of any number that ask at once, one
 * holds it.
 *
 * A key is taken over when its time (24 hours) is over, and by the same request when the run before gave no
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

async function whatItIsTakenFor(db: Queryable, { key, requestSha256 }: KeyedRequest): Promise<HeldKey> {
  const [known] = await queryRows<{ isSame: boolean; status: number | null } & Omit<KeptAnswer, 'status'>>(
    db,
    `SELECT request_sha256 = decode($2, 'hex') AS "isSame", status, body, location
       FROM idempotency_keys WHERE key = $1`,
    [key, requestSha256],
  );
  // Given up since: whoever asks again gets it.
  if (!known) return { outcome: 'in-progress' };
  const { isSame, status, body, location } = known;
  if (!isSame) return { outcome: 'of-another-request' };
  return status === null
    ? { outcome: 'in-progress' }
    : { outcome: 'answered', answer: { status, body, location } };
}
