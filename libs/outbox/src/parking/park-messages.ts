import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import {
  countParkedMessages,
  Database,
  insertParkedMessages,
  lockParkedAmounts,
  type NewParkedMessage,
} from '#database';
import { senderOf, type Aside, type AsideOutcome, type ConsumerKey } from '#messaging';
import { GroupCommit, isOutage } from '#runtime';
import { decideParking, isMore, MOST_IN_ALL } from './decide-parking.js';
import { parkedTotal } from '../metrics.js';

/** One statement keeps so many. */
const MAX_ROWS = 512;
const MAX_BYTES = 8 * 1024 * 1024;

/** How long a daemon that has too much parked is refused without asking Postgres again. */
const FULL_FOR_MILLISECONDS = 1000;

/** How often the amount of all daemons together is counted while messages are parked. */
const COUNT_ALL_MILLISECONDS = 5000;

/**
 * Keeps messages that wait, in `parked_messages`: many concurrent calls in one transaction. Once a call
 * resolves to `kept` the message may be taken out of its stream, whichever process dies then.
 */
@Injectable()
export class ParkMessages {
  private readonly writer: GroupCommit<NewParkedMessage, AsideOutcome>;
  private readonly fullUntil = new Map<string, number>();
  private listener: (delayMilliseconds: number) => void = () => {};
  private isFullInAll = false;
  private countedAt = 0;

  constructor(private readonly database: Database) {
    this.writer = new GroupCommit({
      maxItems: MAX_ROWS,
      maxBytes: MAX_BYTES,
      sizeBytes: ({ payload }) => payload.length,
      commit: (batch) => this.commit(batch),
      isWorthSplitting: (error) => !isOutage(error),
    });
  }

  /** @param listener called with the delay of each message that was parked */
  onParked(listener: (delayMilliseconds: number) => void): void {
    this.listener = listener;
  }

  /**
   * Parks a message. May run again for the same one: it is parked once.
   *
   * @returns `refused` when its daemon has too much parked already, or all of them together have
   * @throws DatabaseUnavailableError
   */
  async park(consumer: ConsumerKey, { message, reason, delayMilliseconds }: Aside): Promise<AsideOutcome> {
    const daemonId = senderOf(message.subject);
    const outcome = this.isFull(consumer, daemonId)
      ? 'refused'
      : await this.writer.add({
          id: uuidv7(),
          consumer,
          daemonId,
          subject: message.subject,
          payload: message.data,
          reason,
          tries: message.deliveryCount,
          sentAt: message.storedAt,
          delayMilliseconds,
        });
    parkedTotal.inc({ consumer, outcome });
    if (outcome === 'kept') this.listener(delayMilliseconds);
    else this.fullUntil.set(keyOf(consumer, daemonId), Date.now() + FULL_FOR_MILLISECONDS);
    return outcome;
  }

  private isFull(consumer: string, daemonId: string): boolean {
    const key = keyOf(consumer, daemonId);
    const until = this.fullUntil.get(key);
    if (until === undefined) return false;
    if (until > Date.now()) return true;
    this.fullUntil.delete(key);
    return false;
  }

  private commit(batch: readonly NewParkedMessage[]): Promise<AsideOutcome[]> {
    return this.database.transaction(async (manager) => {
      const { consumer } = batch[0]!; // an app parks for one consumer
      await this.countAll();
      if (this.isFullInAll) return batch.map(() => 'refused');
      const daemonIds = [...new Set(batch.map(({ daemonId }) => daemonId))];
      const parked = await lockParkedAmounts(manager, consumer, daemonIds);
      const sizes = batch.map(({ daemonId, payload }) => ({ daemonId, sizeBytes: payload.length }));
      const fits = decideParking(sizes, parked);
      await insertParkedMessages(
        manager,
        batch.filter((_, index) => fits[index]),
      );
      return fits.map((isKept) => (isKept ? 'kept' : 'refused'));
    });
  }

  private async countAll(): Promise<void> {
    if (Date.now() - this.countedAt < COUNT_ALL_MILLISECONDS) return;
    this.countedAt = Date.now();
    this.isFullInAll = isMore(await countParkedMessages(this.database.manager), MOST_IN_ALL);
  }
}

function keyOf(consumer: string, daemonId: string): string {
  return `${consumer} ${daemonId}`;
}
