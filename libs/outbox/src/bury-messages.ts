import type { ContractError } from '#contracts';
import type { OutboxMessage } from '#database';
import type { Poison } from '#messaging';
import { GroupCommit, isOutage } from '#runtime';
import { keepDeadLetters, type KeptLetter } from './keep-dead-letters.js';
import type { OutboxTransaction } from './outbox-transaction.js';

/** Letters per transaction, and what they hold. */
const MAX_LETTERS = 64;
const MAX_BYTES = 8 * 1024 * 1024;

/**
 * Keeps the dead letters of one consumer: many concurrent calls in one transaction, so that a daemon that
 * sends nothing else takes one connection to Postgres, not all.
 */
export class BuryMessages {
  private readonly writer: GroupCommit<Poison, void>;

  /** @param announcementsOf what is announced with a letter, in the same transaction */
  constructor(
    private readonly outbox: OutboxTransaction,
    private readonly consumer: string,
    private readonly announcementsOf: (
      letter: KeptLetter,
      error: ContractError,
    ) => OutboxMessage[] = () => [],
  ) {
    this.writer = new GroupCommit({
      maxItems: MAX_LETTERS,
      maxBytes: MAX_BYTES,
      sizeBytes: ({ message }) => message.data.length,
      commit: (batch) => this.commit(batch),
      isWorthSplitting: (error) => !isOutage(error),
    });
  }

  /** Resolves when the letter is kept, and with it its announcement. May run again. */
  bury(poison: Poison): Promise<void> {
    return this.writer.add(poison);
  }

  private async commit(batch: readonly Poison[]): Promise<void[]> {
    await this.outbox.run(async (manager, announce) => {
      const letters = await keepDeadLetters(manager, this.consumer, batch);
      await announce(letters.flatMap((letter, index) => this.announcementsOf(letter, batch[index]!.error)));
    });
    return batch.map(() => undefined);
  }
}
