import { IsId, IsOrdinal } from '../fields/fields.js';
import { TaskMessage } from '../wire/message.js';

/**
 * Asks patch-store whether the caller may run this attempt. Granted to the first daemon that asks, and to the
 * same daemon again. Refused with `ATTEMPT_SUPERSEDED`, `TASK_ALREADY_CLAIMED`, `TASK_STATE_CONFLICT` or
 * `TASK_NOT_FOUND`.
 */
export class ClaimTaskRequest extends TaskMessage {}

export class ClaimTaskReply {
  @IsId()
  taskId!: string;

  @IsOrdinal()
  attempt!: number;
}
