import { Injectable } from '@nestjs/common';
import { CheckpointRejected, compose, subjects, type ContractError } from '#contracts';
import { storableText, type OutboxMessage } from '#database';
import { CONSUMERS, type Poison } from '#messaging';
import { keepDeadLetter, OutboxTransaction, type Sender } from '#outbox';
import { checkpointsTotal } from '../metrics.js';

/** Keeps messages that can never become a checkpoint, and tells their sender. */
@Injectable()
export class RejectCheckpoint {
  constructor(private readonly outbox: OutboxTransaction) {}

  /**
   * One transaction: the dead letter, and the CheckpointRejected that announces it under its id. May run
   * again.
   */
  async reject(poison: Poison): Promise<void> {
    await this.outbox.run(async (manager, announce) => {
      const { id, sender } = await keepDeadLetter(manager, CONSUMERS.checkpointIngest, poison);
      await announce(announcements(id, sender, poison.error));
    });
    checkpointsTotal.inc({ result: 'rejected' });
  }
}

function announcements(letterId: string, sender: Sender, error: ContractError): OutboxMessage[] {
  const { daemonId, taskId, taskToken, eventId } = sender;
  if (daemonId === undefined || taskToken === undefined) return [];
  const payload = compose(CheckpointRejected, {
    eventId: letterId,
    daemonId,
    taskId,
    checkpointEventId: eventId,
    code: error.code,
    path: error.path && storableText(error.path, 1000),
    reason: storableText(error.message, 8000),
  });
  const subject = subjects.event(daemonId, taskToken, 'checkpoint-rejected');
  return [{ taskId: taskId ?? null, subject, messageId: letterId, payload }];
}
