import { Controller, Logger } from '@nestjs/common';
import { CheckpointCreated, ContractError, decode, requireIdentity } from '#contracts';
import {
  BlobMissingError,
  Consume,
  CONSUMERS,
  ConsumedMessage,
  DeadLetters,
  RetryLater,
  type Poison,
} from '#messaging';
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
 * A reachable daemon has sent missing chunks again within a few milliseconds; an unreachable one may take
 * long.
 */
const BLOB_RETRY = { baseMilliseconds: 100, maxMilliseconds: 30_000 };

/**
 * Handles CheckpointCreated, one message per call, at least once and in any order.
 *
 * Acknowledged only when Postgres has committed. A message that can never succeed becomes a dead letter;
 * anything else is redelivered.
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
  async deadLetter({ message, error }: Poison): Promise<void> {
    await this.rejections.reject(message, error);
    this.logger.warn({
      msg: 'checkpoint rejected; it is kept in dead_letters',
      subject: message.subject,
      code: error.code,
      reason: error.message,
    });
  }

  private async verifyAndRecord(event: CheckpointCreated, bytes: CarriedBytes): Promise<RecordedCheckpoint> {
    return this.recorder.record(await verifyCheckpoint(event, bytes));
  }

  private async recordFromBlobs(
    event: CheckpointCreated,
    message: ConsumedMessage,
  ): Promise<RecordedCheckpoint> {
    // Blobs are deleted once their checkpoint is stored: a repeated message finds none, and needs none.
    const before = await this.recorder.recordedBefore(event);
    if (before) return before;

    try {
      const recorded = await this.carried.use(event, (bytes) => this.verifyAndRecord(event, bytes));
      this.carried.discard(event);
      return recorded;
    } catch (error) {
      throw error instanceof BlobMissingError ? await this.blobMissing(error, event, message) : error;
    }
  }

  /**
   * If it is only missing for now, the daemon is asked for it. If it is missing for good, the daemon will
   * send the blob again together with a new message.
   */
  private async blobMissing(
    cause: BlobMissingError,
    event: CheckpointCreated,
    { storedAt, deliveryCount }: ConsumedMessage,
  ): Promise<Error> {
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
