import { IsOrdinal } from '../fields/fields.js';
import { CheckpointToRestore } from '../messages/checkpoint-to-restore.js';
import { TaskMessage } from '../wire/message.js';

/**
 * Asks patch-store for the newest checkpoint with a lower number that is not superseded and can be restored.
 * Answered for the daemon that holds the task's current attempt; refused with `ATTEMPT_SUPERSEDED`,
 * `TASK_STATE_CONFLICT`, `IDENTITY_MISMATCH` or `TASK_NOT_FOUND`.
 */
export class RestorableCheckpointRequest extends TaskMessage {
  /** The checkpoint that could not be restored. */
  @IsOrdinal()
  beforeNumber!: number;
}

/** The checkpoint, in the same fields as in a SpawnTask; an empty object if there is none. */
export class RestorableCheckpointReply extends CheckpointToRestore {}
