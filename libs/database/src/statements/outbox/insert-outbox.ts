import { encode } from '#contracts';
import { queryRows, type Queryable } from '../sql/query-rows.js';
import { valuesList } from '../sql/values-list.js';

/** The default `max_payload` of NATS, minus space for headers. */
const MAX_MESSAGE_BYTES = 1024 * 1024 - 4096;

export interface OutboxMessage {
  /**
   * Messages of one task are published in the order of their inserts, provided that each inserting
   * transaction holds the lock of the task's row. Null: in any order.
   */
  taskId: string | null;
  subject: string;
  /**
   * `Nats-Msg-Id`: within two minutes, the stream keeps one message of an id. Usually the message's
   * `eventId`.
   */
  messageId: string;
  /** A contract; it is encoded to JSON. */
  payload: object;
  headers?: Record<string, string>;
}

/**
 * Writes messages to be published once this transaction has committed. Called by `OutboxTransaction`
 * (libs/outbox), which wakes the relay after the commit.
 *
 * @throws Error when a message is too large for NATS: here its writer can still fix that, the relay could not
 */
export async function insertOutbox(db: Queryable, messages: readonly OutboxMessage[]): Promise<void> {
  if (messages.length === 0) return;
  const { values, parameters } = valuesList(messages, (message, parameter) => [
    parameter(message.taskId),
    parameter(message.subject),
    parameter(message.messageId),
    parameter(JSON.stringify(message.headers ?? {})),
    parameter(encodePayload(message)),
  ]);
  await queryRows(
    db,
    `INSERT INTO outbox (task_id, subject, message_id, headers, payload) VALUES ${values}`,
    parameters,
  );
}

function encodePayload(message: OutboxMessage): string {
  const payload = Buffer.from(encode(message.payload));
  if (payload.length > MAX_MESSAGE_BYTES) {
    throw new Error(
      `Cannot send a message of ${payload.length} bytes on ${message.subject}: the limit of NATS is ${MAX_MESSAGE_BYTES}. ` +
        'Send large content by reference.',
    );
  }
  return payload.toString('utf8');
}
