import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { jetstream, type PubAck } from '@nats-io/jetstream';
import { headers, type MsgHdrs } from '@nats-io/transport-node';
import { backoffMilliseconds } from '#runtime';
import { NatsClient } from '../connection/nats-client.js';
import { Topology } from '../topology/topology.js';
import { PublishError } from './publish-error.js';

const ATTEMPTS = 4;
const BACKOFF = { baseMilliseconds: 100, maxMilliseconds: 2_000 };

export interface PublishOptions {
  /**
   * The stream takes a message of the same id once within two minutes; a repetition is acknowledged and
   * dropped.
   */
  readonly messageId?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** How long to wait for each acknowledgment (and, at first, for the connection). Default: 5,000. */
  readonly timeoutMilliseconds?: number;
}

/**
 * Publishes into streams. An acknowledgment is transport: what it says is that NATS has the message, not that
 * it is safe.
 */
@Injectable()
export class JetStreamPublisher {
  constructor(
    private readonly nats: NatsClient,
    private readonly topology: Topology,
  ) {}

  /**
   * Publishes one message and waits for its acknowledgment; up to four tries when there was no answer or no
   * stream, whose streams are then made again. Without a `messageId` a retry after a timeout may store the
   * message twice.
   *
   * Messages published one after the other are stored in that order.
   *
   * @throws PublishError
   */
  async publish(subject: string, data: Uint8Array, options: PublishOptions = {}): Promise<PubAck> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.tryOnce(subject, data, options);
      } catch (cause) {
        const error = new PublishError(subject, cause);
        const isWorthAnother = error.isTimeout() || error.isUnavailable();
        if (!isWorthAnother || attempt === ATTEMPTS || !this.nats.isConnected()) throw error;
        if (error.isUnavailable()) await this.topology.ensureStreams().catch(() => {});
        await sleep(backoffMilliseconds(attempt, BACKOFF));
      }
    }
  }

  private async tryOnce(subject: string, data: Uint8Array, options: PublishOptions): Promise<PubAck> {
    const timeout = options.timeoutMilliseconds ?? 5_000;
    const connection = await this.nats.connectedWithin(timeout);
    return jetstream(connection).publish(subject, data, {
      timeout,
      ...(options.messageId !== undefined && { msgID: options.messageId }),
      ...(options.headers && { headers: toNatsHeaders(options.headers) }),
    });
  }
}

function toNatsHeaders(fields: Readonly<Record<string, string>>): MsgHdrs {
  const result = headers();
  for (const [name, value] of Object.entries(fields)) result.set(name, value);
  return result;
}
