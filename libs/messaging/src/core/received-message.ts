import type { Msg } from '@nats-io/transport-node';
import { headerFields } from '../consume/consumed-message.js';

/** One message over core NATS: delivered at most once, never again. */
export class ReceivedMessage {
  constructor(private readonly raw: Msg) {}

  get subject(): string {
    return this.raw.subject;
  }

  get data(): Uint8Array {
    return this.raw.data;
  }

  get headers(): Record<string, string> {
    return headerFields(this.raw.headers);
  }

  /** Where the answer goes; undefined: nobody waits for one. */
  get reply(): string | undefined {
    return this.raw.reply === '' ? undefined : this.raw.reply;
  }

  /** Answers a request. Without a requester it does nothing. */
  respond(data: Uint8Array): void {
    this.raw.respond(data);
  }
}
