import type { JsMsg } from '@nats-io/jetstream';
import { ConsumedMessage, headerFields } from './consumed-message.js';

/** One delivery of one message of a stream. */
export class DeliveredMessage extends ConsumedMessage {
  constructor(private readonly raw: JsMsg) {
    super();
  }

  get subject(): string {
    return this.raw.subject;
  }

  get data(): Uint8Array {
    return this.raw.data;
  }

  get headers(): Record<string, string> {
    return headerFields(this.raw.headers);
  }

  get deliveryCount(): number {
    return this.raw.info.deliveryCount;
  }

  get storedAt(): Date {
    return this.raw.time;
  }

  /** Messages behind this one that nobody has got yet. */
  get messagesBehind(): number {
    return this.raw.info.pending;
  }

  /** By the consumer's ack wait, from now. */
  working(): void {
    this.raw.working();
  }

  async acknowledge(): Promise<void> {
    await this.raw.ackAck();
  }

  retry(delayMilliseconds = 0): void {
    this.raw.nak(delayMilliseconds);
  }

  terminate(): void {
    this.raw.term();
  }
}
