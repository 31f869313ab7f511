import { Injectable } from '@nestjs/common';
import { CheckpointRejected, compose, subjects, type ContractError } from '#contracts';
import { storableText, type OutboxMessage } from '#database';
import { CONSUMERS, type Poison } from '#messaging';
import { BuryMessages, OutboxTransaction, type KeptLetter } from '#outbox';
import { RateLimit } from '#runtime';
import { checkpointsTotal } from '../metrics.js';

/**
 * Announced rejections of one daemon: they share the outbox with what others wait for. What is not announced
 * is in `dead_letters` all the same, and rejected again when the daemon sends it again.
 */
const ANNOUNCED = { burst: 100, perSecond: 20 };

/** Keeps messages that can never become a checkpoint, and tells their sender. */
@Injectable()
export class RejectCheckpoint {
  private readonly letters: BuryMessages;
  private readonly limit = new RateLimit(ANNOUNCED);

  constructor(outbox: OutboxTransaction) {
    this.letters = new BuryMessages(outbox, CONSUMERS.checkpointIngest, (letter, error) =>
      this.announcementsOf(letter, error),
    );
  }

  /**
   * Resolves when the dead letter is kept, and with it the CheckpointRejected that announces it under its id.
   * May run again. A daemon of which very many are rejected hears of some when it sends them again.
   */
  async reject(poison: Poison): Promise<void> {
    await this.letters.bury(poison);
    checkpointsTotal.inc({ result: 'rejected' });
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
