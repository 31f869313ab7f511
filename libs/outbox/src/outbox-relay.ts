import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, Optional } from '@nestjs/common';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { cloudEventHeaders } from '#contracts';
import { claimOutbox, Database, deleteOutbox, type ClaimedMessage } from '#database';
import { JetStreamPublisher, JetStreamStrategy, NatsClient } from '#messaging';
import { backoffMilliseconds } from '#runtime';
import { publishInOrder } from './publish-in-order.js';

/**
 * Rows of one claim: enough for throughput, few enough to be published well within the transaction's idle
 * timeout.
 */
const CLAIM_LIMIT = 200;
/**
 * How long a row can wait whose writer could not call `wake`: it was killed after its commit, or lives in
 * another process.
 */
const POLL_MILLISECONDS = 1000;
/** How long one look for the connection waits: one that is just being made, or made again, is no failure. */
const CONNECTION_PATIENCE_MILLISECONDS = 2000;
/** At the end of the process, for what its last handlers have written. */
const LAST_ROUND_MILLISECONDS = 5000;
const RETRY = { baseMilliseconds: 200, maxMilliseconds: 10_000 };

/**
 * Publishes what committed transactions wrote to the outbox.
 *
 * At least once: a crash between the publish and the delete publishes again, with the same message id, which
 * the stream swallows within two minutes. In order per task, with any number of relays (see `claimOutbox`).
 * While NATS or Postgres is unreachable it backs off and loses nothing. Every event passes here, and gets its
 * CloudEvents headers.
 */
@Injectable()
export class OutboxRelay implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(OutboxRelay.name);
  private readonly stopping = new AbortController();
  private isWoken = false;
  private rouse: () => void = () => {};
  private running: Promise<void> | undefined;

  constructor(
    private readonly database: Database,
    private readonly nats: NatsClient,
    private readonly publisher: JetStreamPublisher,
    @Optional() private readonly consumers?: JetStreamStrategy,
  ) {}

  onApplicationBootstrap(): void {
    this.running ??= this.run();
  }

  /** Rows were committed: publish them now. Cheap. Called by OutboxTransaction alone. */
  wake(): void {
    this.isWoken = true;
    this.rouse();
  }

  /**
   * Once the last message of this process is handled, publishes what that has written, for up to 5 s: so
   * those who wait for an announcement need not wait for the next start. What is left stays in the table. May
   * be called twice.
   */
  async beforeApplicationShutdown(): Promise<void> {
    await this.consumers?.close();
    await this.stop();
    const deadline = Date.now() + LAST_ROUND_MILLISECONDS;
    try {
      while (this.nats.isConnected() && Date.now() < deadline && (await this.relayOnce()) > 0);
    } catch (error) {
      this.logger.warn(`What is left in the outbox waits for another process: ${(error as Error).message}`);
    }
  }

  /** Finishes the claim in hand and takes no other. May be called twice. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.rouse();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    let failures = 0;
    while (!signal.aborted) {
      try {
        const published = await this.relayOnce();
        if (failures > 0) this.logger.log('Publishing from the outbox again');
        failures = 0;
        if (published === 0) await this.untilWokenOrDue();
      } catch (error) {
        if (signal.aborted) return;
        if (failures++ === 0) {
          this.logger.warn(`Cannot publish from the outbox, trying again: ${(error as Error).message}`);
        }
        await sleep(backoffMilliseconds(failures, RETRY), undefined, { signal }).catch(() => {});
      }
    }
  }

  /**
   * Claims, publishes and deletes in one transaction, which holds the claim. Returns how many were published.
   */
  private async relayOnce(): Promise<number> {
    this.isWoken = false;
    // Before the claim: nothing is locked while NATS is unreachable.
    await this.nats.connectedWithin(CONNECTION_PATIENCE_MILLISECONDS);
    const { ids, failure } = await this.database.transaction(async (manager) => {
      const messages = await claimOutbox(manager, CLAIM_LIMIT);
      const published = await publishInOrder(messages, (message) => this.publish(message));
      await deleteOutbox(manager, published.ids);
      return published;
    });
    if (failure) throw failure.error;
    return ids.length;
  }

  private publish(message: ClaimedMessage): Promise<unknown> {
    const { subject, messageId, createdAt } = message;
    return this.publisher.publish(subject, Buffer.from(message.payload, 'utf8'), {
      messageId,
      headers: {
        ...message.headers,
        ...cloudEventHeaders(subject, { id: messageId, recordedAt: createdAt }),
      },
    });
  }

  private async untilWokenOrDue(): Promise<void> {
    if (this.isWoken || this.stopping.signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, POLL_MILLISECONDS);
      this.rouse = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.rouse = () => {};
  }
}
