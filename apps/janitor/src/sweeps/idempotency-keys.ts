import { deleteExpiredIdempotencyKeys, type Database } from '#database';
import type { Sweep, SweepResult } from '../sweep.js';

/** Keys of one statement: some hundreds, so that its locks are short. */
const BATCH_SIZE = 500;

/** Deletes the keys of HTTP requests whose time is over, with the answers kept under them. */
export class IdempotencyKeysSweep implements Sweep {
  readonly name = 'idempotency-keys';

  constructor(
    readonly everySeconds: number,
    private readonly database: Database,
  ) {}

  async run(signal: AbortSignal): Promise<SweepResult> {
    let swept = 0;
    while (!signal.aborted) {
      const count = await deleteExpiredIdempotencyKeys(this.database.manager, BATCH_SIZE);
      swept += count;
      if (count < BATCH_SIZE) break;
    }
    return { swept };
  }
}
