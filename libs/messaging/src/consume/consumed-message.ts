import type { JsMsg } from '@nats-io/jetstream';
import type { MsgHdrs } from '@nats-io/transport-node';

/**
 * One delivery of one message. A handler reads it (`decode(CheckpointCreated, message.data)`) and never
 * settles it itself.
 */
export class ConsumedMessage {
  constructor(private readonly raw: JsMsg) {}

  get subject(): string {
    return this.raw.subject;
  }

  get data(): Uint8Array {
    return this.raw.data;
  }

  /** One value per name: the last. */
  get headers(): Record<string, string> {
    return headerFields(this.raw.headers);
  }

  /** 1 for the first delivery. */
  get deliveryCount(): number {
    return this.raw.info.deliveryCount;
  }

  get streamSequence(): number {
    return this.raw.seq;
  }

  /** When the stream took it, by the server's clock. */
  get storedAt(): Date {
    return this.raw.time;
  }

  /** Postpones the next delivery by the consumer's ack wait, from now. */
  working(): void {
    this.raw.working();
  }

  /**
   * Takes it out of the stream, and waits for the server's word.
   *
   * @throws TimeoutError when there is none; it may then come again
   */
  async acknowledge(): Promise<void> {
    await this.raw.ackAck();
  }

  /** Lets it come again, to any replica, after the delay. */
  retry(delayMilliseconds = 0): void {
    this.raw.nak(delayMilliseconds);
  }

  /** Takes it out of the stream although nobody handled it. */
  terminate(): void {
    this.raw.term();
  }
}

export function headerFields(fields: MsgHdrs | undefined): Record<string, string> {
  if (!fields) return {};
  return Object.fromEntries(fields.keys().map((name) => [name, fields.last(name)]));
}
