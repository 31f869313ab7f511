import { Injectable } from '@nestjs/common';
import { CheckpointRejected, compose, subjects, type ContractError } from '#contracts';
import { storableText, type OutboxMessage } from '#database';
import { CONSUMERS, type Poison } from '#messaging';
import { keepDeadLetter, OutboxTransaction, type KeptLetter } from '#outbox';
import { GroupCommit, isOutage } from '#runtime';
import { checkpointsTotal } from '../metrics.js';
import { AnnouncementLimit } from './announcement-limit.js';

/** Letters per transaction, and what they hold. */
const MAX_LETTERS = 64;
const MAX_BYTES = 8 * 1024 * 1024;

/**
 * Keeps messages that can never become a checkpoint, and tells their sender: many concurrent calls in one
 * transaction, so that a daemon that sends nothing else takes one connection to Postgres, not all.
 */
@Injectable()
export class RejectCheckpoint {
  private readonly writer: GroupCommit<Poison, void>;
  private readonly limit = new AnnouncementLimit();

  constructor(private readonly outbox: OutboxTransaction) {
    this.writer = new GroupCommit({
      maxItems: MAX_LETTERS,
      maxBytes: MAX_BYTES,
      sizeBytes: ({ message }) => message.data.length,
      commit: (batch) => this.commit(batch),
      isWorthSplitting: (error) => !isOutage(error),
    });
  }

  /**
   * Resolves when the dead letter is kept, and with it the CheckpointRejected that announces it under its id.
   * May run again. A daemon of which very many are rejected hears of some when it sends them again.
   */
  async reject(poison: Poison): Promise<void> {
    await this.writer.add(poison);
    checkpointsTotal.inc({ result: 'rejected' });
  }

  private async commit(batch: readonly Poison[]): Promise<void[]> {
    await this.outbox.run(async (manager, announce) => {
      const announcements: OutboxMessage[] = [];
      for (const poison of batch) {
        const letter = await keepDeadLetter(manager, CONSUMERS.checkpointIngest, poison);
        announcements.push(...this.announcementsOf(letter, poison.error));
      }
      await announce(announcements);
    });
    return batch.map(() => undefined);
  }

  private announcementsOf({ id, sender }: KeptLetter, error: ContractError): OutboxMessage[] {
    const { daemonId, taskId, taskToken, eventId } = sender;
    if (daemonId === undefined || taskToken === undefined || !this.limit.allows(daemonId)) return [];
    const payload = compose(CheckpointRejected, {
      eventId: id,
      daemonId,
      taskId,
      checkpointEventId: eventId,
      code: error.code,
      path: error.path && storableText(error.path, 1000),
      reason: storableText(error.message, 8000),
    });
    const subject = subjects.event(daemonId, taskToken, 'checkpoint-rejected');
    return [{ taskId: taskId ?? null, subject, messageId: id, payload }];
  }
}
