import { CheckpointStored, compose, hasPatchOrBundle, subjects, type CheckpointCreated } from '#contracts';
import type { OutboxMessage } from '#database';

/** Where and when a checkpoint was stored. */
export interface StoredAs {
  checkpointId: string;
  number: number;
  /** Null: it has no patch, or no longer has one. */
  patchId: string | null;
  /** Null: it has no bundle, or no longer has one. */
  bundleId: string | null;
  /** Its conversation is stored with it. */
  hasConversation: boolean;
  superseded: boolean;
  createdAt: Date;
}

/**
 * Pure: the CheckpointStored of a checkpoint, as a message for the outbox. A repeated event gets the same
 * one, with the digests that the agent waits for, even if patch and bundle have expired in the meantime.
 */
export function announcement(event: CheckpointCreated, stored: StoredAs): OutboxMessage {
  const { taskId, daemonId } = event;
  const payload = compose(CheckpointStored, {
    eventId: stored.checkpointId,
    daemonId,
    taskId,
    attempt: event.attempt,
    checkpointId: stored.checkpointId,
    checkpointEventId: event.eventId,
    checkpointNumber: stored.number,
    sequence: event.sequence,
    kind: event.kind,
    message: event.message,
    treeSha: event.treeSha!,
    commitSha: event.commitSha,
    branchName: event.branchName,
    filesChanged: event.filesChanged,
    linesAdded: event.linesAdded,
    linesRemoved: event.linesRemoved,
    omissionsCount: event.omissionsCount ?? event.omissions?.length ?? 0,
    hasPatch: hasPatchOrBundle(event),
    patchAbsentReason: event.patchAbsentReason,
    patchId: stored.patchId ?? undefined,
    patchSha256: event.patchSha256,
    patchSizeBytes: event.patchSizeBytes,
    bundleId: stored.bundleId ?? undefined,
    bundleSha256: event.bundleSha256,
    bundleSizeBytes: event.bundleSizeBytes,
    conversationSha256: event.conversationSha256,
    conversationMissing: event.conversation && !stored.hasConversation ? true : undefined,
    superseded: stored.superseded,
    storedAt: stored.createdAt.toISOString(),
  });
  return {
    taskId,
    subject: subjects.event(daemonId, taskId, 'checkpoint-stored'),
    messageId: stored.checkpointId,
    payload,
  };
}
