import { Injectable } from '@nestjs/common';
import { Database, deleteParkedMessages, postponeParkedMessages } from '#database';
import { GroupCommit } from '#runtime';

/** Of one message: it is settled, or waits on. */
type Settling = { id: string; delayMilliseconds: number | undefined };

const MAX_ROWS = 128;

/**
 * Ends or postpones what was taken up: many concurrent calls in one statement, so that what waits in vain
 * does not stand before others in the queue for a connection to Postgres.
 */
@Injectable()
export class SettleParked {
  private readonly writer: GroupCommit<Settling, void>;

  constructor(private readonly database: Database) {
    this.writer = new GroupCommit({
      maxItems: MAX_ROWS,
      maxBytes: Infinity,
      sizeBytes: () => 0,
      commit: (batch) => this.commit(batch),
      isWorthSplitting: () => false,
    });
  }

  /** It is settled. */
  end(id: string): Promise<void> {
    return this.writer.add({ id, delayMilliseconds: undefined });
  }

  /** It waits on. */
  postpone(id: string, delayMilliseconds: number): Promise<void> {
    return this.writer.add({ id, delayMilliseconds });
  }

  private async commit(batch: readonly Settling[]): Promise<void[]> {
    const { manager } = this.database;
    const ended = batch.filter(({ delayMilliseconds }) => delayMilliseconds === undefined);
    await deleteParkedMessages(
      manager,
      ended.map(({ id }) => id),
    );
    await postponeParkedMessages(
      manager,
      batch.flatMap(({ id, delayMilliseconds }) =>
        delayMilliseconds === undefined ? [] : [{ id, delayMilliseconds }],
      ),
    );
    return batch.map(() => undefined);
  }
}
