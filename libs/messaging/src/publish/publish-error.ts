import { JetStreamApiError } from '@nats-io/jetstream';
import { InvalidArgumentError, RequestError, TimeoutError } from '@nats-io/transport-node';
import { NotConnectedError } from '../connection/not-connected-error.js';

/**
 * err_code of the server's answers that there is no room: account (10002) or server (10023, 10047) out of
 * resources, stream at its limit or its disk full (10077), account's own limit (10028).
 */
const NO_ROOM = new Set([10002, 10023, 10028, 10047, 10077]);

/**
 * A message was not, or may not have been, stored by JetStream. All but {@link isTooLarge} may succeed later.
 */
export class PublishError extends Error {
  override readonly name = 'PublishError';

  constructor(
    readonly subject: string,
    override readonly cause: unknown,
  ) {
    super(`Cannot publish to ${subject}: ${describe(cause)}`, { cause });
  }

  /** The stream, its account or the disk is full: publish again when its consumer has caught up. */
  isStreamFull(): boolean {
    return this.cause instanceof JetStreamApiError && NO_ROOM.has(this.cause.code);
  }

  /** No answer in time: the message may have been stored, so that publishing it again may store it twice. */
  isTimeout(): boolean {
    return this.cause instanceof TimeoutError;
  }

  /** NATS is unreachable, or has no such stream now. */
  isUnavailable(): boolean {
    return this.cause instanceof NotConnectedError || hasNoTaker(this.cause);
  }

  /** Larger than the server's `max_payload`: this message can never be published. */
  isTooLarge(): boolean {
    return this.cause instanceof InvalidArgumentError && this.cause.message.includes('max_payload');
  }
}

function describe(cause: unknown): string {
  if (cause instanceof TimeoutError)
    return 'no acknowledgment in time; it may have been stored. Publish it again.';
  if (hasNoTaker(cause)) return 'no stream takes it now. It is tried again later.';
  if (cause instanceof JetStreamApiError && NO_ROOM.has(cause.code)) {
    return `${cause.message} (${cause.code}). Publish it again when there is room.`;
  }
  return cause instanceof Error ? cause.message : String(cause);
}

/**
 * The client says "JetStream is not enabled" when no stream listens to the subject, or the server just
 * starts.
 */
function hasNoTaker(error: unknown): boolean {
  const origin = error instanceof Error ? error.cause : undefined;
  return origin instanceof RequestError && origin.isNoResponders();
}
