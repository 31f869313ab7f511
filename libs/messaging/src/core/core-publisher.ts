import { Injectable, Logger } from '@nestjs/common';
import { NatsClient } from '../connection/nats-client.js';

/**
 * Publishes what may be lost over core NATS: at most once, in the order of the calls while the connection
 * lasts, to whoever listens at that moment. Nothing waits for it, and it never fails: without a connection,
 * or when the server's `max_payload` is exceeded, the message is dropped.
 */
@Injectable()
export class CorePublisher {
  private readonly logger = new Logger(CorePublisher.name);

  constructor(private readonly nats: NatsClient) {}

  /** @returns whether it is on its way */
  publish(subject: string, bytes: Uint8Array): boolean {
    const connection = this.nats.connectionNow();
    if (connection === undefined) return false; // NatsClient logs that it is lost
    try {
      connection.publish(subject, bytes);
      return true;
    } catch (error) {
      this.logger.warn({ msg: 'a message was dropped', subject, sizeBytes: bytes.length, err: error });
      return false;
    }
  }
}
