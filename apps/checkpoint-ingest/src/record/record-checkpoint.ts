import { Injectable } from '@nestjs/common';
import { ContractError, type CheckpointCreated } from '#contracts';
import { Database, findRecordedEvents, isDataRefused, isTransactionConflict, sqlState } from '#database';
import { Semaphore } from '#messaging';
import { OutboxTransaction } from '#outbox';
import { GroupCommit, isOutage } from '#runtime';
import { commitRows, commitSeconds } from '../metrics.js';
import { announceRecorded, recordBatch, type RecordedCheckpoint, type Verdict } from './record-batch.js';
import type { VerifiedCheckpoint } from '../verify/verify-checkpoint.js';

/** Measured for 4 KB patches: beyond about a hundred rows a multi-row INSERT gains nothing. */
const MAX_ROWS = 128;
/** Total of patches, bundles and conversations; the driver holds a copy of them while it sends. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Looking for checkpoints whose bytes are missing must leave connections for those that are all here. */
const CONCURRENT_LOOKUPS = 2;

/** Step 2: stores checkpoints, many concurrent calls in one transaction. */
@Injectable()
export class RecordCheckpoint {
  private readonly writer: GroupCommit<VerifiedCheckpoint, Verdict>;

  private readonly lookups = new Semaphore(CONCURRENT_LOOKUPS);

  constructor(
    private readonly outbox: OutboxTransaction,
    private readonly database: Database,
  ) {
    this.writer = new GroupCommit({
      maxItems: MAX_ROWS,
      maxBytes: MAX_BYTES,
      sizeBytes,
      commit: (batch) => this.commit(batch),
      isWorthSplitting: isForOneOfThem,
    });
  }

  /**
   * Resolves when checkpoint, patch, number and announcement are committed. May be called again with the same
   * event, concurrently and by any process: it is stored once and announced each time.
   *
   * @throws ContractError `TASK_NOT_FOUND`, `EVENT_CONFLICT`, `IDENTITY_MISMATCH`, `TASK_STATE_CONFLICT` or
   *   `FIELD_INVALID`: it can never be stored
   * @throws DatabaseUnavailableError possibly after it was stored: calling again finds out
   */
  async record(checkpoint: VerifiedCheckpoint): Promise<RecordedCheckpoint> {
    const verdict = await this.writer.add(checkpoint);
    if ('refused' in verdict) throw verdict.refused;
    return verdict.recorded;
  }

  /**
   * Announces the checkpoint again if it was recorded before, without needing its bytes. Otherwise resolves
   * to undefined.
   *
   * @throws ContractError `EVENT_CONFLICT`
   */
  async recordedBefore(event: CheckpointCreated): Promise<RecordedCheckpoint | undefined> {
    await this.lookups.take();
    try {
      // Nearly always there is none, and a single read is a quarter of the transaction.
      const [recorded] = await findRecordedEvents(this.database.manager, [event.eventId]);
      if (!recorded) return undefined;
      return await this.outbox.run((manager, announce) => announceRecorded(manager, announce, event));
    } finally {
      this.lookups.release();
    }
  }

  private async commit(batch: readonly VerifiedCheckpoint[]): Promise<Verdict[]> {
    const stopTimer = commitSeconds.startTimer();
    try {
      const verdicts = await this.outbox.run((manager, announce) => recordBatch(manager, announce, batch));
      commitRows.observe(batch.length);
      stopTimer();
      return verdicts;
    } catch (error) {
      if (batch.length === 1 && isRefusedForItsData(error)) return [{ refused: refusalOf(batch[0]!, error) }];
      throw error;
    }
  }
}

function sizeBytes({ patch, bundle, conversation }: VerifiedCheckpoint): number {
  const parts = [patch?.data, bundle, ...(conversation ?? []).map(({ data }) => data)];
  return parts.reduce((sum, data) => sum + (data?.length ?? 0), 0);
}

/**
 * True if the rest of the batch may succeed without the faulty checkpoint, or all on the next try: whatever
 * one of them makes fail must not be what the others are judged by.
 */
function isForOneOfThem(error: unknown): boolean {
  return !isOutage(error) || isTransactionConflict(error);
}

/**
 * 23505, unique violation, is not one: another process has just stored the same event under another task, and
 * the next try finds it.
 */
function isRefusedForItsData(error: unknown): boolean {
  return isDataRefused(error) && sqlState(error) !== '23505';
}

function refusalOf({ event }: VerifiedCheckpoint, cause: unknown): ContractError {
  return new ContractError(
    'FIELD_INVALID',
    `Postgres refuses checkpoint ${event.eventId} of task ${event.taskId}: ${(cause as Error).message}.`,
    undefined,
    { cause },
  );
}
