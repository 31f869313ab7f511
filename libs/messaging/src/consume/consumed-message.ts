import type { MsgHdrs } from '@nats-io/transport-node';

/**
 * One delivery of one message, from its stream or from where it was set aside. A handler reads it
 * (`decode(CheckpointCreated, message.data)`) and never settles it itself.
 */
export abstract class ConsumedMessage {
  abstract readonly subject: string;
  abstract readonly data: Uint8Array;

  /** One value per name: the last. */
  abstract readonly headers: Record<string, string>;

  /** 1 for the first delivery. */
  abstract readonly deliveryCount: number;

  /** When the stream took it, by the server's clock. */
  abstract readonly storedAt: Date;

  /** Postpones the next delivery, while it is worked on. */
  abstract working(): void;

  /**
   * Takes it out of where it waits, and waits until that is certain.
   *
   * @throws TimeoutError, or DatabaseUnavailableError, when it is not; it may then come again
   */
  abstract acknowledge(): Promise<void>;

  /** Lets it come again, to any replica, after the delay. */
  abstract retry(delayMilliseconds?: number): void | Promise<void>;

  /** Takes it out of where it waits although nobody handled it. */
  abstract terminate(): void | Promise<void>;
}

export function headerFields(fields: MsgHdrs | undefined): Record<string, string> {
  if (!fields) return {};
  return Object.fromEntries(fields.keys().map((name) => [name, fields.last(name)]));
}
