import { createHash } from 'node:crypto';
import { ContractError } from '#contracts';

/** Visible ASCII except quote and backslash, so that a key is the same with and without quotes. */
const KEY = /^(?<quote>"?)(?<key>[!#-[\]-~]{1,255})\k<quote>$/;

/**
 * Pure: the key in an `Idempotency-Key` header. The draft (draft-ietf-httpapi-idempotency-key-header)
 * requires double quotes; most clients omit them.
 *
 * @throws ContractError `FIELD_INVALID`
 */
export function readIdempotencyKey(header: string): string {
  const key = KEY.exec(header)?.groups?.['key'];
  if (key !== undefined) return key;
  throw new ContractError(
    'FIELD_INVALID',
    'Idempotency-Key must be 1 to 255 visible ASCII characters without quotes and backslashes, such as a UUID.',
    'Idempotency-Key',
  );
}

/**
 * Pure, hex: the same for requests to the same path whose JSON has the same fields in the same order, and for
 * those whose body is the same and no JSON. Of two tokens, one is not given what the other was answered.
 *
 * @param tokenId whose request it is; null: of the one token of PATCHPOINT_API_TOKEN
 */
export function fingerprintOf(
  { originalUrl, body }: { originalUrl: string; body?: unknown },
  tokenId: string | null = null,
): string {
  return createHash('sha256')
    .update(tokenId ?? '')
    .update(
      body instanceof Uint8Array ? fingerprintedText(originalUrl, body) : JSON.stringify([originalUrl, null]),
    )
    .digest('hex');
}

function fingerprintedText(originalUrl: string, body: Uint8Array): string {
  const text = Buffer.from(body).toString('utf8');
  try {
    return JSON.stringify([originalUrl, text === '' ? {} : JSON.parse(text)]);
  } catch {
    return originalUrl + text;
  }
}
