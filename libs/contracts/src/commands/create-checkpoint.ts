import { TaskMessage } from '../wire/message.js';
import { IsProse } from '../fields/task-fields.js';

/**
 * patch-store → the task's daemon: capture the worktree now. The answer is a CheckpointCreated with `kind:
 * manual`, even if it fails. Delivered at least once; a repeated command makes another checkpoint only if the
 * worktree changed.
 */
export class CreateCheckpoint extends TaskMessage {
  @IsProse()
  message!: string;
}
