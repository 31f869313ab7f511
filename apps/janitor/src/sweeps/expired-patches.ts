import { v7 as uuidv7 } from 'uuid';
import { compose, NO_DAEMON, PatchExpired, subjects } from '#contracts';
import { expirePatches, insertOutbox, type Database, type ExpiredPatch, type OutboxMessage } from '#database';
import type { OutboxRelay } from '#outbox';
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
    private readonly database: Database,
    private readonly relay: OutboxRelay,
    private readonly batchSize = DEFAULT_BATCH_SIZE,
  ) {}

  run(signal: AbortSignal): Promise<SweepResult> {
    return inBatches(signal, this.batchSize, () => this.expireBatch());
  }

  /** Deleted and announced in one transaction: each patch is announced if and only if it was deleted. */
  private async expireBatch(): Promise<number> {
    const expired = await this.database.transaction(async (manager) => {
      const patches = await expirePatches(manager, this.batchSize);
      await insertOutbox(manager, patches.map(announcement));
      return patches;
    });
    if (expired.length > 0) this.relay.wake();
    return expired.length;
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
