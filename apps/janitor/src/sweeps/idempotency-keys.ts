import { deleteExpiredIdempotencyKeys, type Database } from '#database';
import type { Sweep, SweepResult } from '../sweep.js';
import { inBatches } from './in-batches.js';

/** Keys per statement: a few hundred, so that its locks are short. */
const BATCH_SIZE = 500;

/** Deletes the expired keys of HTTP requests, with the answers kept under them. */
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
