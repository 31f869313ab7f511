import type { ConsumerMessages } from '@nats-io/jetstream';
import type { Subscription } from '@nats-io/transport-node';
import { settledWithin } from '../settled-within.js';

const DRAIN_TIMEOUT_MILLISECONDS = 2_000;

/**
 * Ends a pull so that no message is lost on its way: the server stops sending, what it had sent already still
 * comes out of the iterator, then the iterator ends. May be called twice.
 *
 * `messages.close()` unsubscribes at once instead. Messages in flight then stay unsettled until their ack
 * wait is over (about a hundred in a test under load). The client drains the subscription only for a whole
 * connection, so this reaches for it; @nats-io/jetstream 3.4 ends the iterator when its subscription was
 * drained.
 */
export async function drainMessages(messages: ConsumerMessages): Promise<void> {
  const { sub } = messages as ConsumerMessages & { sub?: Subscription };
  if (sub && !sub.isClosed()) await settledWithin(DRAIN_TIMEOUT_MILLISECONDS, sub.drain());
  if (!sub?.isClosed()) messages.stop();
}
