import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { Consumer } from '@nats-io/jetstream';
import { backoffMilliseconds } from '#runtime';
import type { NatsClient } from '../connection/nats-client.js';
import type { ConsumerDeclaration } from '../topology/consumers.js';
import type { Topology } from '../topology/topology.js';
import { DeliveredMessage } from './delivered-message.js';
import { drainMessages } from './drain-messages.js';
import { FairSlots } from './fair-slots.js';
import {
  handleAndSettle,
  setAsideAndSettle,
  type MessageHandlers,
  type Settled,
} from './handle-and-settle.js';
import { RetryLog } from './retry-log.js';
import { senderOf } from './sender-of.js';
import { Semaphore } from '../semaphore.js';
import { WorkingTicker } from './working-ticker.js';

const RESUME_BACKOFF = { baseMilliseconds: 200, maxMilliseconds: 5_000 };

/** How often the consumer is looked at while it seems to work. */
const HEALTH_CHECK_MILLISECONDS = 15_000;

/** Twice this without a sign of the server, and the pull is made again. */
const IDLE_HEARTBEAT_MILLISECONDS = 5_000;

/** When a pull ends, what it has buffered is handled for so long; the rest goes back to the stream. */
const FINISH_BUFFERED_MILLISECONDS = 3_000;

/** What one sender may hold of the slots, where more of its messages can be set aside. */
const SHARE = 1 / 4;

/**
 * Messages that are being set aside at once: one statement keeps many of them. Measured with two replicas on
 * two cores: with 128 a replica set aside 450 a second, and each transaction took as long as with 512.
 */
const ASIDE_AT_ONCE = 512;
/** Of large ones, which stay in memory meanwhile. */
const LARGE_ASIDE_AT_ONCE = 32;
const LARGE_BYTES = 64 * 1024;

/** A message that was set aside for its sender's sake may be handled as soon as there is room. */
const FOR_ITS_TURN = { reason: 'its daemon has its share', delayMilliseconds: 100 };

/**
 * Pulls from one durable consumer and handles its messages, up to the declared number at once, until stopped.
 * Where messages can be set aside, no sender gets more than a quarter of that, and none makes the others
 * wait.
 *
 * It recovers automatically when the connection was lost, the consumer or its stream was deleted, or the
 * stream was rolled back behind the consumer: what is missing is made again. One line is logged when it stops
 * getting messages, one when it continues.
 */
export class Consumption {
  private readonly logger = new Logger('Consumption');
  private readonly stopping = new AbortController();
  private readonly slots: FairSlots;
  private readonly settingAside = new Semaphore(ASIDE_AT_ONCE);
  private readonly settingLargeAside = new Semaphore(LARGE_ASIDE_AT_ONCE);
  private readonly ticker: WorkingTicker;
  private readonly retryLog: RetryLog;
  private running: Promise<void> | undefined;
  private isInterrupted = false;

  constructor(
    private readonly nats: NatsClient,
    private readonly topology: Topology,
    private readonly declaration: ConsumerDeclaration,
    private readonly handlers: MessageHandlers,
  ) {
    this.slots = new FairSlots(declaration.concurrency, handlers.setAside === undefined ? 1 : SHARE);
    this.ticker = new WorkingTicker(declaration.ackWaitSeconds);
    this.retryLog = new RetryLog(this.logger, declaration.durableName);
  }

  start(): void {
    this.running ??= this.run();
  }

  /**
   * Stops pulling, handles what was delivered already, and waits until all of it is settled. What is not
   * begun within 3 s goes back to the stream, where another replica gets it at once. May be called twice, and
   * before {@link start}.
   */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    for (let failures = 0; !signal.aborted;) {
      try {
        const consumer = await this.openConsumer();
        failures = 0;
        this.reportGoingOn();
        await this.consumeUntilInterrupted(consumer);
      } catch (error) {
        if (signal.aborted) break;
        this.reportInterruption(error);
        const pause = backoffMilliseconds(++failures, RESUME_BACKOFF);
        await sleep(pause, undefined, { signal }).catch(() => {});
      }
    }
    await Promise.all([this.slots, this.settingAside, this.settingLargeAside].map((each) => each.allFree()));
    this.ticker.stop();
  }

  private async openConsumer(): Promise<Consumer> {
    await unlessAborted(this.nats.connection(), this.stopping.signal);
    return unlessAborted(this.topology.consumer(this.declaration), this.stopping.signal);
  }

  /**
   * Returns when this pull was ended: by {@link stop}, by a lost connection that is back, or because the
   * consumer is broken. A fresh pull after a reconnect is quicker than the client's own, whose checks are up
   * to 30 s apart.
   *
   * @throws the client's error when the stream or the consumer is gone
   */
  private async consumeUntilInterrupted(consumer: Consumer): Promise<void> {
    const { signal } = this.stopping;
    const messages = await consumer.consume({
      max_messages: this.declaration.concurrency,
      idle_heartbeat: IDLE_HEARTBEAT_MILLISECONDS,
      abort_on_missing_resource: true,
    });
    const givingBack = new AbortController();
    let giveBackTimer: NodeJS.Timeout | undefined;
    const end = (): void => {
      if (giveBackTimer) return;
      giveBackTimer = setTimeout(() => givingBack.abort(), FINISH_BUFFERED_MILLISECONDS);
      drainMessages(messages).catch((error: unknown) => this.logger.error(error));
    };
    const forgetReconnect = this.nats.onReconnect(end);
    const healthCheck = setInterval(() => this.endIfBroken(end), HEALTH_CHECK_MILLISECONDS);
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    try {
      for await (const raw of messages) {
        await this.take(new DeliveredMessage(raw), givingBack.signal);
      }
    } finally {
      forgetReconnect();
      clearInterval(healthCheck);
      clearTimeout(giveBackTimer);
      signal.removeEventListener('abort', end);
    }
  }

  private endIfBroken(end: () => void): void {
    if (!this.nats.isConnected()) return;
    this.topology.isBroken(this.declaration).then(
      (isBroken) => isBroken && end(),
      () => {}, // could not be asked: the next check will
    );
  }

  /** Begins to handle a message, when there is room, or to set it aside. */
  private async take(message: DeliveredMessage, signal: AbortSignal): Promise<void> {
    const sender = senderOf(message.subject);
    const room = message.data.length > LARGE_BYTES ? this.settingLargeAside : this.settingAside;
    const admission = await this.slots.admit(sender, message.messagesBehind, signal);
    if (admission === 'admitted') {
      void this.settle(message, () => handleAndSettle(message, this.handlers)).finally(() =>
        this.slots.release(sender),
      );
    } else if (admission === 'aside' && (await room.take(signal))) {
      const aside = { message, ...FOR_ITS_TURN };
      void this.settle(message, () => setAsideAndSettle(aside, this.handlers)).finally(() => room.release());
    } else {
      message.retry();
    }
  }

  private async settle(message: DeliveredMessage, settle: () => Promise<Settled>): Promise<void> {
    this.ticker.add(message);
    try {
      this.retryLog.record(message, await settle());
    } catch (error) {
      this.logger.error(error);
    } finally {
      this.ticker.remove(message);
    }
  }

  private reportInterruption(error: unknown): void {
    if (this.isInterrupted) return;
    this.isInterrupted = true;
    this.logger.warn(
      `No messages from consumer ${this.declaration.durableName}: ${(error as Error).message}. Trying until it works again.`,
    );
  }

  private reportGoingOn(): void {
    if (!this.isInterrupted) return;
    this.isInterrupted = false;
    this.logger.log(`Messages from consumer ${this.declaration.durableName} flow again.`);
  }
}

async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let abort!: () => void;
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => reject(new Error('stopped'));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
  promise.catch(() => {});
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
