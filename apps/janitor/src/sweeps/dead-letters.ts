import { deleteOldDeadLetters, type Database } from '#database';
import type { Sweep, SweepResult } from '../sweep.js';
import { inBatches } from './in-batches.js';

/** Letters per statement: a few hundred, so that its locks are short. */
const BATCH_SIZE = 500;

/** Of all daemons together; each has a bound of its own (`insertDeadLetter`). */
const MOST_LETTERS = 10_000;
const MOST_BYTES = 512 * 1024 * 1024;

/** Deletes dead letters that nobody looked at in time, and the oldest where there are too many. */
export class DeadLettersSweep implements Sweep {
  readonly name = 'dead-letters';

  constructor(
    readonly everySeconds: number,
    private readonly days: number,
    private readonly database: Database,
    private readonly bounds = { most: MOST_LETTERS, mostBytes: MOST_BYTES },
  ) {}

  run(signal: AbortSignal): Promise<SweepResult> {
    const batch = { days: this.days, ...this.bounds, limit: BATCH_SIZE };
    return inBatches(signal, BATCH_SIZE, () => deleteOldDeadLetters(this.database.manager, batch));
  }
}
