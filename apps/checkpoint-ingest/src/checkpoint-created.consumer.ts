import { Controller, Logger } from '@nestjs/common';
import { CheckpointCreated, ContractError, decode, requireIdentity } from '#contracts';
import {
  BlobMissingError,
  Consume,
  CONSUMERS,
  ConsumedMessage,
  DeadLetters,
  RetryLater,
  SetAside,
  type Aside,
  type AsideOutcome,
  type Poison,
} from '#messaging';
import { ParkMessages } from '#outbox';
import { backoffMilliseconds } from '#runtime';
import { BlobRequests } from './verify/blob-requests.js';
import {
  blobsOf,
  CarriedBytesReader,
  inlineBytes,
  type CarriedBytes,
} from './verify/carried-bytes-reader.js';
import { FailedCheckpoints } from './reject/failed-checkpoints.js';
import { checkpointsTotal, storeSeconds } from './metrics.js';
import type { RecordedCheckpoint } from './record/record-batch.js';
import { RecordCheckpoint } from './record/record-checkpoint.js';
import { RejectCheckpoint } from './reject/reject-checkpoint.js';
import { TaskOutputLines } from './announce/task-output-lines.js';
import { verifyCheckpoint } from './verify/verify-checkpoint.js';

/** Chunks live for 24 hours: a message whose blob has expired is not the one that the agent will complete. */
const BLOB_LIFE_MILLISECONDS = 24 * 60 * 60 * 1000;

/**
 * A reachable daemon has sent missing chunks again within a few milliseconds. An unreachable one sends the
 * whole checkpoint again when it is back.
 */
const BLOB_RETRY = { baseMilliseconds: 100, maxMilliseconds: 300_000 };

/**
 * Handles CheckpointCreated, one message per call, at least once and in any order.
 *
 * Acknowledged only when Postgres has committed: the checkpoint, or that the message waits aside. One that
 * can never succeed becomes a dead letter; anything else is redelivered.
 */
@Controller()
export class CheckpointCreatedConsumer {
  private readonly logger = new Logger(CheckpointCreatedConsumer.name);

  constructor(
    private readonly recorder: RecordCheckpoint,
    private readonly failures: FailedCheckpoints,
    private readonly rejections: RejectCheckpoint,
    private readonly output: TaskOutputLines,
    private readonly carried: CarriedBytesReader,
    private readonly blobRequests: BlobRequests,
    private readonly parking: ParkMessages,
  ) {}

  @Consume(CONSUMERS.checkpointIngest)
  async take(message: ConsumedMessage): Promise<void> {
    const event = decode(CheckpointCreated, message.data);
    requireIdentity(message.subject, event);
    if (!event.success) return this.failures.announce(event);

    const recorded = travelsAsBlob(event)
      ? await this.recordFromBlobs(event, message)
      : await this.verifyAndRecord(event, inlineBytes(event));
    storeSeconds.observe(Math.max(0, Date.now() - message.storedAt.getTime()) / 1000);
    await this.report(event, recorded);
  }

  @DeadLetters(CONSUMERS.checkpointIngest)
  async deadLetter(poison: Poison): Promise<void> {
    await this.rejections.reject(poison);
    const { message, error } = poison;
    this.logger.warn({
      msg: 'checkpoint rejected; it is kept in dead_letters',
      subject: message.subject.slice(0, 300),
      code: error.code,
      reason: error.message.slice(0, 1000),
      ...(error.code === 'HANDLING_FAILED' && { err: error.cause }),
    });
  }

  /** What does not fit there is in the daemon's spool, which sends it again. */
  @SetAside(CONSUMERS.checkpointIngest)
  setAside(aside: Aside): Promise<AsideOutcome> {
    return this.parking.park(CONSUMERS.checkpointIngest, aside);
  }

  private async verifyAndRecord(event: CheckpointCreated, bytes: CarriedBytes): Promise<RecordedCheckpoint> {
    return this.recorder.record(await verifyCheckpoint(event, bytes));
  }

  private async recordFromBlobs(
    event: CheckpointCreated,
    message: ConsumedMessage,
  ): Promise<RecordedCheckpoint> {
    try {
      const recorded = await this.carried.use(event, (bytes) => this.verifyAndRecord(event, bytes));
      this.carried.discard(event);
      return recorded;
    } catch (error) {
      if (!(error instanceof BlobMissingError)) throw error;
      // Blobs are deleted once their checkpoint is stored: a repeated message finds none, and needs none.
      const before = await this.recorder.recordedBefore(event);
      if (before) return before;
      throw this.blobMissing(error, event, message);
    }
  }

  /**
   * If it is only missing for now, the daemon is asked for it. If it is missing for good, the daemon will
   * send the blob again together with a new message.
   */
  private blobMissing(
    cause: BlobMissingError,
    event: CheckpointCreated,
    { storedAt, deliveryCount }: ConsumedMessage,
  ): Error {
    if (Date.now() - storedAt.getTime() < BLOB_LIFE_MILLISECONDS) {
      this.blobRequests.ask(event);
      return new RetryLater(backoffMilliseconds(deliveryCount, BLOB_RETRY), cause.message);
    }
    return new ContractError('BLOB_MISSING', cause.message, digestField(event, cause.sha256), { cause });
  }

  private async report(event: CheckpointCreated, recorded: RecordedCheckpoint): Promise<void> {
    const { eventId, taskId, daemonId } = event;
    const { number, isRepetition, superseded } = recorded;
    const result = isRepetition ? 'repeated' : superseded ? 'superseded' : 'stored';
    checkpointsTotal.inc({ result });
    this.logger.log({ msg: `checkpoint ${result}`, taskId, eventId, daemonId, number });
    if (!isRepetition) this.output.stored(event, number);
  }
}

function travelsAsBlob(event: CheckpointCreated): boolean {
  return Object.values(blobsOf(event)).some((blob) => blob !== null);
}

function digestField(event: CheckpointCreated, sha256: string): string {
  if (sha256 === event.bundleSha256) return 'bundleSha256';
  return sha256 === event.conversationSha256 ? 'conversationSha256' : 'patchSha256';
}
