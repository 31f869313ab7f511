import { Inject, Injectable } from '@nestjs/common';
import { Database, insertOutbox, type OutboxMessage } from '#database';
import type { EntityManager } from 'typeorm';
import { OutboxRelay } from './outbox-relay.js';

/**
 * Writes messages to the outbox, in the transaction that it was handed out with. They are published only if
 * that commits. No messages: nothing happens.
 *
 * @throws Error when a message is too large for NATS
 */
export type Announce = (messages: readonly OutboxMessage[]) => Promise<void>;

/** The one way to write to the outbox: a transaction, whose messages are published once it has committed. */
@Injectable()
export class OutboxTransaction {
  constructor(
    private readonly database: Database,
    @Inject(OutboxRelay) private readonly relay: Pick<OutboxRelay, 'wake'>,
  ) {}

  /**
   * Runs `work` as {@link Database.transaction} does, once, and wakes this process's relay after the commit
   * when something was announced.
   *
   * @throws what `work` throws: nothing of it is kept or published
   * @throws DatabaseUnavailableError as `Database.transaction`; if it was committed after all, a relay
   *   finds the messages by polling
   */
  async run<Result>(work: (manager: EntityManager, announce: Announce) => Promise<Result>): Promise<Result> {
    let hasAnnounced = false;
    const result = await this.database.transaction((manager) =>
      work(manager, async (messages) => {
        if (messages.length === 0) return;
        await insertOutbox(manager, messages);
        hasAnnounced = true;
      }),
    );
    if (hasAnnounced) this.relay.wake();
    return result;
  }
}
