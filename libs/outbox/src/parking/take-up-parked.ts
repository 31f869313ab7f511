import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import type { BeforeApplicationShutdown, OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { Database, takeParkedMessages } from '#database';
import { JetStreamStrategy, type ConsumerKey } from '#messaging';
import { backoffMilliseconds } from '#runtime';
import { ParkedMessage } from './parked-message.js';
import { ParkMessages } from './park-messages.js';
import { SettleParked } from './settle-parked.js';

/** What is taken at once, and of one daemon: enough for one commit, few enough to leave room for others. */
const LIMIT = 64;
const PER_DAEMON = 16;

/** Longer than a handler of ours takes; a process that died gives its messages back after that. */
const LEASE_SECONDS = 60;

/** How long a message may be due that another process has parked. */
const POLL_MILLISECONDS = 1000;

/** Rounds do not follow each other more quickly, so that what waits in vain costs little. */
const PAUSE_MILLISECONDS = 20;

const RETRY = { baseMilliseconds: 200, maxMilliseconds: 10_000 };

/**
 * Takes up the messages that were set aside, when they are due: each is handled and settled as if it came
 * from its stream, and its row goes when it is settled. Any number of processes share them.
 *
 * @see ParkMessages
 */
@Injectable()
export class TakeUpParked implements OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown {
  private readonly logger = new Logger(TakeUpParked.name);
  private readonly stopping = new AbortController();
  private running: Promise<unknown> | undefined;
  private wakeAt = Infinity;
  private rouse: () => void = () => {};

  constructor(
    private readonly database: Database,
    private readonly consumers: JetStreamStrategy,
    private readonly settling: SettleParked,
    parking: ParkMessages,
  ) {
    parking.onParked((delayMilliseconds) => this.wakeIn(delayMilliseconds));
  }

  onApplicationBootstrap(): void {
    const keys = this.consumers.keysWithAside();
    this.running ??= Promise.all(keys.map((key) => this.run(key)));
  }

  onModuleDestroy(): void {
    this.stopping.abort();
    this.rouse();
  }

  /** Resolves when what was taken is settled. */
  async beforeApplicationShutdown(): Promise<void> {
    this.onModuleDestroy();
    await this.running;
  }

  private async run(key: ConsumerKey): Promise<void> {
    const { signal } = this.stopping;
    await Promise.race([this.database.connected(), aborted(signal)]);
    for (let failures = 0; !signal.aborted;) {
      try {
        const taken = await this.takeUp(key);
        failures = 0;
        await sleep(PAUSE_MILLISECONDS, undefined, { signal }).catch(() => {});
        if (taken === 0) await this.untilDue();
      } catch (error) {
        if (failures++ === 0 && !signal.aborted) {
          this.logger.warn(`Cannot take up what was set aside, trying again: ${(error as Error).message}`);
        }
        await sleep(backoffMilliseconds(failures, RETRY), undefined, { signal }).catch(() => {});
      }
    }
  }

  private async takeUp(key: ConsumerKey): Promise<number> {
    this.wakeAt = Infinity;
    const rows = await this.database.transaction((manager) =>
      takeParkedMessages(manager, {
        consumer: key,
        perDaemon: PER_DAEMON,
        limit: LIMIT,
        leaseSeconds: LEASE_SECONDS,
      }),
    );
    const messages = rows.map((row) => new ParkedMessage(row, this.settling, (delay) => this.wakeIn(delay)));
    await Promise.all(messages.map((message) => this.consumers.settleAside(key, message)));
    return messages.length;
  }

  private wakeIn(delayMilliseconds: number): void {
    this.wakeAt = Math.min(this.wakeAt, Date.now() + delayMilliseconds);
    this.rouse();
  }

  private async untilDue(): Promise<void> {
    const pollAt = Date.now() + POLL_MILLISECONDS;
    while (!this.stopping.signal.aborted) {
      const left = Math.min(pollAt, this.wakeAt) - Date.now();
      if (left <= 0) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.rouse = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
