import { IsOptional } from 'class-validator';
import { IsGitSha, IsOrdinal } from '../fields/fields.js';
import { CheckpointToRestore } from '../messages/checkpoint-to-restore.js';
import { TaskMessage } from '../wire/message.js';

/**
 * Asks patch-store for the newest checkpoint that is not superseded, can be restored, and is as asked for.
 * Answered for the daemon that holds the task's current attempt; refused with `ATTEMPT_SUPERSEDED`,
 * `TASK_STATE_CONFLICT`, `IDENTITY_MISMATCH` or `TASK_NOT_FOUND`.
 */
export class RestorableCheckpointRequest extends TaskMessage {
  /** Only older ones than this, which could not be restored. */
  @IsOptional()
  @IsOrdinal()
  beforeNumber?: number;

  /** Only this one. */
  @IsOptional()
  @IsOrdinal()
  onlyNumber?: number;

  /** Only one with other files than this tree's. */
  @IsOptional()
  @IsGitSha()
  otherThanTreeSha?: string;
}

/** The checkpoint, in the same fields as in a SpawnTask; an empty object if there is none. */
export class RestorableCheckpointReply extends CheckpointToRestore {}
