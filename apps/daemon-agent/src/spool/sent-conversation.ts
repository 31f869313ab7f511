import type { CarriedConversation, CheckpointStored } from '#contracts';
import type { TaskRecord } from '../state/task-record.js';

/**
 * Pure: what to remember when a checkpoint is stored that carried a conversation: what comes after it is
 * carried next time. If bytes before those that it carried were missing, all are carried again, with a
 * capture that is not skipped as unchanged.
 */
export function conversationAfterStored(
  { sentConversation }: TaskRecord,
  { checkpointEventId, conversationSha256, conversationMissing }: CheckpointStored,
): Partial<TaskRecord> {
  if (sentConversation?.eventId !== checkpointEventId) return {};
  if (conversationMissing) {
    return { sentConversation: { ...sentConversation, stored: [] }, lastCapture: undefined };
  }
  // An older checkpoint-ingest says nothing of conversations, and stores none.
  const stored = conversationSha256 === undefined ? [] : sentConversation.sent;
  return { sentConversation: { ...sentConversation, stored } };
}

/** Pure: what to remember of a conversation that a checkpoint carries. */
export function sentWith(
  eventId: string,
  { files }: CarriedConversation,
  { sentConversation }: TaskRecord,
): TaskRecord['sentConversation'] {
  return { eventId, sent: files, stored: sentConversation?.stored ?? [] };
}
