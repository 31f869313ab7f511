import { ApiToken } from './api-token.js';
import { CheckpointPatch } from './checkpoint-patch.js';
import { ConversationPart } from './conversation-part.js';
import { Daemon } from './daemon.js';
import { DeadLetter } from './dead-letter.js';
import { HeartbeatListener } from './heartbeat-listener.js';
import { IdempotencyKey } from './idempotency-key.js';
import { OutboxRow } from './outbox-row.js';
import { ParkedMessageRow } from './parked-message-row.js';
import { TaskAttempt } from './task-attempt.js';
import { TaskKey } from './task-key.js';
import { TaskCheckpoint } from './task-checkpoint.js';
import { Task } from './task.js';

export {
  ApiToken,
  CheckpointPatch,
  ConversationPart,
  Daemon,
  DeadLetter,
  HeartbeatListener,
  IdempotencyKey,
  OutboxRow,
  ParkedMessageRow,
  Task,
  TaskAttempt,
  TaskCheckpoint,
  TaskKey,
};
export type { AttemptOutcome, SpawnCause } from './task-attempt.js';

/** Every table, for the data source. */
export const entities = [
  Daemon,
  HeartbeatListener,
  Task,
  TaskAttempt,
  TaskCheckpoint,
  CheckpointPatch,
  ConversationPart,
  TaskKey,
  OutboxRow,
  ParkedMessageRow,
  DeadLetter,
  IdempotencyKey,
  ApiToken,
];
