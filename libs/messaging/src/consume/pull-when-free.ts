import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import type { Consumer } from '@nats-io/jetstream';
import { NatsClient } from '../connection/nats-client.js';
import type { ConsumerDeclaration, ConsumerKey } from '../topology/consumers.js';
import { Topology } from '../topology/topology.js';
import { DeliveredMessage } from './delivered-message.js';
import { drainMessages } from './drain-messages.js';

const OVERDUE_MILLISECONDS = 1_000;
const PAUSE_AFTER_FAULT_MILLISECONDS = 1_000;

export interface PullOptions {
  /** Ends the wait early. A message that was on its way then goes back to the stream. */
  readonly signal: AbortSignal;
  /** How long to wait for a message, at least 1,000. */
  readonly expiresMilliseconds: number;
}

/**
 * Takes single messages, for work that may be accepted only while there is room: what is not pulled stays in
 * the stream for whoever has room. Settle what it brings with `handleAndSettle`.
 */
@Injectable()
export class PullWhenFree {
  private readonly logger = new Logger('PullWhenFree');
  private readonly consumers = new Map<ConsumerKey, Consumer>();

  constructor(
    private readonly nats: NatsClient,
    private readonly topology: Topology,
  ) {}

  /**
   * Waits for one message. Makes the consumer, and its stream, when they are missing.
   *
   * @returns null when none came in time, the wait was ended, or NATS is unreachable: call again (a fault
   *   costs a pause of 1 s, so that a loop around this does not spin)
   */
  async pullOne(key: ConsumerKey, options: PullOptions): Promise<DeliveredMessage | null> {
    const declaration = this.topology.declarationOf(key);
    try {
      await this.nats.connectedWithin(options.expiresMilliseconds, options.signal);
      const message = await pullFrom(await this.openConsumer(key, declaration), options);
      if (!message && !options.signal.aborted && (await this.topology.isBroken(declaration))) {
        this.consumers.delete(key);
      }
      return message;
    } catch (error) {
      this.consumers.delete(key);
      if (!options.signal.aborted) {
        this.logger.debug({ msg: 'pull failed', consumer: declaration.durableName, err: error });
        await sleep(PAUSE_AFTER_FAULT_MILLISECONDS, undefined, { signal: options.signal }).catch(() => {});
      }
      return null;
    }
  }

  private async openConsumer(key: ConsumerKey, declaration: ConsumerDeclaration): Promise<Consumer> {
    const known = this.consumers.get(key);
    if (known) return known;
    const consumer = await this.topology.consumer(declaration);
    this.consumers.set(key, consumer);
    return consumer;
  }
}

async function pullFrom(
  consumer: Consumer,
  { signal, expiresMilliseconds }: PullOptions,
): Promise<DeliveredMessage | null> {
  // The server ends the pull in time; but while the connection is lost, the client's own clock stands still.
  const overdue = AbortSignal.timeout(expiresMilliseconds + OVERDUE_MILLISECONDS);
  const ended = AbortSignal.any([signal, overdue]);
  if (ended.aborted) return null;
  const messages = await consumer.fetch({
    max_messages: 1,
    expires: expiresMilliseconds,
    idle_heartbeat: Math.min(5_000, expiresMilliseconds / 2),
  });
  const end = (): void => void drainMessages(messages);
  ended.addEventListener('abort', end, { once: true });
  try {
    for await (const raw of messages) {
      const message = new DeliveredMessage(raw);
      if (!ended.aborted) return message;
      message.retry();
    }
    return null;
  } finally {
    ended.removeEventListener('abort', end);
  }
}
