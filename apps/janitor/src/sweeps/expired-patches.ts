import { v7 as uuidv7 } from 'uuid';
import { compose, NO_DAEMON, PatchExpired, subjects } from '#contracts';
import { expirePatches, type ExpiredPatch, type OutboxMessage } from '#database';
import type { OutboxTransaction } from '#outbox';
import type { Sweep, SweepResult } from '../sweep.js';
import { inBatches } from './in-batches.js';

/** Patches per transaction: a few hundred, so that its locks are short. */
const DEFAULT_BATCH_SIZE = 200;

/**
 * Deletes expired patches, except the newest of an unfinished task, and announces each. Replicas share the
 * work: each skips what another has locked.
 */
export class ExpiredPatchesSweep implements Sweep {
  readonly name = 'expired-patches';

  constructor(
    readonly everySeconds: number,
    private readonly outbox: OutboxTransaction,
    private readonly batchSize = DEFAULT_BATCH_SIZE,
  ) {}

  run(signal: AbortSignal): Promise<SweepResult> {
    return inBatches(signal, this.batchSize, () => this.expireBatch());
  }

  /** Deleted and announced in one transaction: each patch is announced if and only if it was deleted. */
  private expireBatch(): Promise<number> {
    return this.outbox.run(async (manager, announce) => {
      const expired = await expirePatches(manager, this.batchSize);
      await announce(expired.map(announcement));
      return expired.length;
    });
  }
}

function announcement(patch: ExpiredPatch): OutboxMessage {
  const message = compose(PatchExpired, {
    eventId: uuidv7(),
    taskId: patch.taskId,
    daemonId: patch.daemonId ?? undefined,
    patchId: patch.id,
    checkpointNumber: patch.checkpointNumber ?? undefined,
    patchSizeBytes: patch.patchSizeBytes,
    expiredAt: patch.expiredAt.toISOString(),
  });
  // Not ordered with the task's other messages: this transaction does not hold the task's lock.
  return {
    taskId: null,
    subject: subjects.event(patch.daemonId ?? NO_DAEMON, patch.taskId, 'patch-expired'),
    messageId: message.eventId,
    payload: message,
  };
}
