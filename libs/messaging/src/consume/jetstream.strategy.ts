import { Injectable } from '@nestjs/common';
import { AwaitingServer } from '../nest/awaiting-server.js';
import { NatsClient } from '../connection/nats-client.js';
import type { ConsumerKey } from '../topology/consumers.js';
import { Topology } from '../topology/topology.js';
import { settledWithin } from '../settled-within.js';
import { asidePattern, deadLetterPattern, JETSTREAM_TRANSPORT } from './consume.decorators.js';
import type { ConsumedMessage } from './consumed-message.js';
import { Consumption } from './consumption.js';
import {
  handleAndSettle,
  type AsideOutcome,
  type MessageHandlers,
  type Settled,
} from './handle-and-settle.js';

const FLUSH_TIMEOUT_MILLISECONDS = 2_000;

/**
 * Runs the methods marked `@Consume` on the durable consumers that they name. See {@link Consumption} for how
 * it pulls and heals, settle.ts for how messages end.
 *
 * It listens at once, whether or not NATS is there. A stop leaves nothing unacknowledged.
 */
@Injectable()
export class JetStreamStrategy extends AwaitingServer {
  override readonly transportId = JETSTREAM_TRANSPORT;
  private consumptions: Consumption[] = [];

  constructor(
    nats: NatsClient,
    private readonly topology: Topology,
  ) {
    super(nats);
  }

  /**
   * Throws when a consumer has no dead-letter handler, or is not this process's: found at start, not with a
   * message.
   */
  override listen(callback: () => void): void {
    this.consumptions = this.consumedKeys().map((key) => this.consumption(key));
    for (const consumption of this.consumptions) consumption.start();
    callback();
  }

  /** The consumers of this process whose messages can be set aside. */
  keysWithAside(): ConsumerKey[] {
    return this.consumedKeys().filter((key) => this.messageHandlers.has(asidePattern(key)));
  }

  /** Handles and settles a message of a consumer that was set aside. What still waits stays there. */
  settleAside(key: ConsumerKey, message: ConsumedMessage): Promise<Settled> {
    return handleAndSettle(message, { ...this.handlersOf(key), setAside: undefined });
  }

  /** Resolves when all handlers are done and their messages settled. */
  protected override async finish(): Promise<void> {
    await Promise.all(this.consumptions.map((consumption) => consumption.stop()));
    // Settlements other than acknowledgments are not answered by the server; this makes sure that it has
    // them.
    if (!this.nats.isConnected()) return;
    const connection = await this.nats.connection();
    await settledWithin(FLUSH_TIMEOUT_MILLISECONDS, connection.flush());
  }

  private consumedKeys(): ConsumerKey[] {
    const patterns = [...this.messageHandlers.keys()];
    return patterns.filter((pattern) => !pattern.includes('/')) as ConsumerKey[];
  }

  private consumption(key: ConsumerKey): Consumption {
    const declaration = this.topology.declarationOf(key);
    return new Consumption(this.nats, this.topology, declaration, this.handlersOf(key));
  }

  private handlersOf(key: ConsumerKey): MessageHandlers {
    const [deadLetters, aside] = [deadLetterPattern(key), asidePattern(key)];
    if (!this.messageHandlers.has(deadLetters)) {
      throw new Error(`No method has @DeadLetters('${key}'): add one to a controller.`);
    }
    return {
      handle: (message) => this.callHandler(key, message),
      deadLetter: (poison) => this.callHandler(deadLetters, poison),
      setAside: this.messageHandlers.has(aside)
        ? async (waiting) => (await this.callHandler(aside, waiting)) as AsideOutcome
        : undefined,
    };
  }
}
