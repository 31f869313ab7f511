import { queryRows, type Queryable } from '../sql/query-rows.js';

/** A checkpoint that was stored for an event before. */
export interface RecordedEvent {
  eventId: string;
  contentSha256: string;
  checkpointId: string;
  taskId: string;
  number: number;
  patchId: string | null;
  bundleId: string | null;
  /** Whether its conversation was stored with it. */
  hasConversation: boolean;
  superseded: boolean;
  createdAt: Date;
}

/** Which of these events are already stored. */
export function findRecordedEvents(db: Queryable, eventIds: readonly string[]): Promise<RecordedEvent[]> {
  return queryRows(
    db,
    `SELECT event_id AS "eventId", encode(content_sha256, 'hex') AS "contentSha256", id AS "checkpointId",
            task_id AS "taskId", number, patch_id AS "patchId", bundle_id AS "bundleId",
            conversation IS NOT NULL AS "hasConversation", superseded, created_at AS "createdAt"
       FROM task_checkpoints
      WHERE event_id = ANY($1::uuid[])`,
    [eventIds],
  );
}
