import { IsBoolean } from 'class-validator';
import { TaskMessage } from '../wire/message.js';

/**
 * patch-store → the task's daemon: remove the worktree of an ended task. Refused while it holds work that is
 * not in a stored checkpoint, unless `force` is set; even then a final capture is taken first.
 */
export class CleanupWorktree extends TaskMessage {
  @IsBoolean()
  force!: boolean;
}
