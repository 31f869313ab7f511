import { deleteExpiredIdempotencyKeys, type Database } from '#database';
import type { Sweep, SweepResult } from '../sweep.js';
import { inBatches } from './in-batches.js';

/** Keys of one statement: some hundreds, so that its locks are short. */
const BATCH_SIZE = 500;

/** Deletes the keys of HTTP requests whose time is over, with the answers kept under them. */
export class IdempotencyKeysSweep implements Sweep {
  readonly name = 'idempotency-keys';

  constructor(
    readonly everySeconds: number,
    private readonly database: Database,
  ) {}

  run(signal: AbortSignal): Promise<SweepResult> {
    return inBatches(signal, BATCH_SIZE, () =>
      deleteExpiredIdempotencyKeys(this.database.manager, BATCH_SIZE),
    );
  }
}
