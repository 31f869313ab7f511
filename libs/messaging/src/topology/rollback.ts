import type { ConsumerInfo, JetStreamManager, StreamInfo } from '@nats-io/jetstream';
import type { ConsumerDeclaration } from './consumers.js';
import { unlessMissing } from './missing.js';

/**
 * Whether a consumer is ahead of its stream, because the stream was restored from a backup or lost its tail
 * in a crash: it counts as done what the stream does not have, or has as other messages under the same
 * numbers. Those are never delivered.
 *
 * A consumer or stream that does not exist is not ahead.
 *
 * @throws the client's error when the server cannot be asked
 */
export async function isAheadOfStream(
  manager: JetStreamManager,
  { stream, durableName }: ConsumerDeclaration,
): Promise<boolean> {
  // The consumer first: a message that arrives between the two questions must not look like a rollback.
  const consumer = await unlessMissing(manager.consumers.info(stream, durableName));
  const first = await unlessMissing(manager.streams.info(stream));
  if (!consumer || !first) return false;
  if (consumer.delivered.stream_seq > first.state.last_seq) return true;
  if (!holdsSettledMessages(first, consumer)) return false;
  // A message is removed a moment after it was acknowledged: only one that stays is a sign.
  const second = await unlessMissing(manager.streams.info(stream));
  return second?.state.first_seq === first.state.first_seq && holdsSettledMessages(second, consumer);
}

/**
 * A work queue holds nothing that its one consumer has settled; if it does, these are new messages under old
 * numbers. Where consumers share a stream this cannot be told: its first message may be another's.
 */
function holdsSettledMessages(stream: StreamInfo, consumer: ConsumerInfo): boolean {
  const isOnlyConsumer = stream.config.subjects.join() === consumer.config.filter_subject;
  return (
    isOnlyConsumer && stream.state.messages > 0 && stream.state.first_seq <= consumer.ack_floor.stream_seq
  );
}
