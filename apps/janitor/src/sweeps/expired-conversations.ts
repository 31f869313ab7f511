import { deleteExpiredConversations, type Database } from '#database';
import type { Sweep, SweepResult } from '../sweep.js';
import { inBatches } from './in-batches.js';

/** Tasks per transaction: a day of one is tens of megabytes. */
const BATCH_SIZE = 20;

/** Deletes the conversations of attempts of which no checkpoint can be restored any more. */
export class ExpiredConversationsSweep implements Sweep {
  readonly name = 'expired-conversations';

  constructor(
    readonly everySeconds: number,
    private readonly database: Database,
  ) {}

  run(signal: AbortSignal): Promise<SweepResult> {
    return inBatches(signal, BATCH_SIZE, () =>
      this.database.transaction((manager) => deleteExpiredConversations(manager, BATCH_SIZE)),
    );
  }
}
