import { Logger } from '@nestjs/common';
import type { Subscription } from '@nats-io/transport-node';
import { ContractError } from '#contracts';
import { RateLimit } from '#runtime';
import { senderOf } from '../consume/sender-of.js';
import type { NatsClient } from '../connection/nats-client.js';
import { settledWithin } from '../settled-within.js';
import { ReceivedMessage } from './received-message.js';

const DRAIN_TIMEOUT_MILLISECONDS = 2_000;

/** Of one daemon. */
const REFUSAL_LINES = { burst: 10, perSecond: 0.1 };

export interface ListenOptions {
  /** Listeners of the same queue share the messages; absent, each gets all. */
  readonly queue?: string;
}

/**
 * Listens to a subject over core NATS until closed, across reconnects; what is sent while the connection is
 * away is missed. Several messages are handled at once. An error of the handler is logged.
 */
export class CoreListener {
  private readonly logger = new Logger('CoreListener');
  private readonly inFlight = new Set<Promise<void>>();
  private subscription: Subscription | undefined;
  private isClosed = false;
  private readonly refusalLines = new RateLimit(REFUSAL_LINES);

  constructor(
    private readonly subject: string,
    private readonly handle: (message: ReceivedMessage) => Promise<unknown>,
    private readonly options: ListenOptions = {},
  ) {}

  /**
   * Resolves when the server knows of the subscription: nothing sent after that is missed.
   *
   * @throws NotConnectedError when the process stops before NATS was ever there
   */
  async start(nats: NatsClient): Promise<void> {
    const connection = await nats.connection();
    if (this.isClosed) return;
    this.subscription = connection.subscribe(this.subject, {
      ...(this.options.queue !== undefined && { queue: this.options.queue }),
      callback: (error, message) => {
        if (error) this.logger.error(`Cannot listen to ${this.subject}: ${error.message}`);
        else this.run(new ReceivedMessage(message));
      },
    });
    await connection.flush().catch(() => {}); // disconnected just now: the client resubscribes automatically
  }

  /** Takes what is on its way, and waits for the handlers. May be called twice, and before {@link start}. */
  async close(): Promise<void> {
    this.isClosed = true;
    if (this.subscription && !this.subscription.isClosed()) {
      await settledWithin(DRAIN_TIMEOUT_MILLISECONDS, this.subscription.drain());
    }
    await Promise.all(this.inFlight);
  }

  private run(message: ReceivedMessage): void {
    const work = this.handleLogged(message);
    this.inFlight.add(work);
    work.finally(() => this.inFlight.delete(work)).catch(() => {});
  }

  private async handleLogged(message: ReceivedMessage): Promise<void> {
    try {
      await this.handle(message);
    } catch (error) {
      this.logFailure(message.subject, error);
    }
  }

  /**
   * Of what is the sender's own fault some lines are enough: with a stack each, they were a third of the time
   * of a flooded patch-store.
   */
  private logFailure(subject: string, error: unknown): void {
    if (!(error instanceof ContractError)) {
      this.logger.error({ msg: 'handling failed', subject, err: error });
    } else if (this.refusalLines.allows(senderOf(subject))) {
      const { code, message } = error;
      this.logger.warn({
        msg: 'a message is refused',
        subject: subject.slice(0, 300),
        code,
        reason: message,
      });
    }
  }
}
