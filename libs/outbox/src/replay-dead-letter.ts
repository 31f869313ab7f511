import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { ContractError } from '#contracts';
import { Database, markDeadLetterReplayed } from '#database';
import { JetStreamPublisher } from '#messaging';

/** NATS' own headers: with the old message id, the stream would swallow the repetition. */
const SERVER_HEADER = /^nats-/i;

/** Sends what was refused to its subject again, once the reason for the refusal is gone. */
@Injectable()
export class ReplayDeadLetter {
  constructor(
    private readonly database: Database,
    private readonly publisher: JetStreamPublisher,
  ) {}

  /**
   * May run twice: the message keeps its event id, by which whoever handles it knows it. What is refused
   * again becomes the same dead letter again, with `replayedAt` null.
   *
   * @returns false when there is no such dead letter
   * @throws ContractError `DEAD_LETTER_CUT` for a message that is not kept whole
   * @throws PublishError when NATS did not take it: then it does not count as replayed
   */
  replay(deadLetterId: string): Promise<boolean> {
    return this.database.transaction(async (manager) => {
      const message = await markDeadLetterReplayed(manager, deadLetterId);
      if (!message) return false;
      const { subject, headers, payload, isCut } = message;
      if (isCut) {
        throw new ContractError(
          'DEAD_LETTER_CUT',
          `Of the message of dead letter ${deadLetterId} only a part is kept. Its daemon has the whole in rejected/.`,
        );
      }
      const own = Object.entries(headers).filter(([name]) => !SERVER_HEADER.test(name));
      await this.publisher.publish(subject, payload, {
        messageId: uuidv7(),
        headers: Object.fromEntries(own),
      });
      return true;
    });
  }
}
