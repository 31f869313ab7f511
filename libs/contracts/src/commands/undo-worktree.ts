import { IsOptional } from 'class-validator';
import { IsOrdinal } from '../fields/fields.js';
import { TaskMessage } from '../wire/message.js';

/**
 * patch-store → the task's daemon: put the worktree of an ended task back to an older checkpoint, files and
 * conversation. The present state is captured and stored first. The answer is a CheckpointCreated with `kind:
 * undo` of the state that it went back to, or one that failed and says why; then nothing has changed.
 * Delivered at least once; a repeated command goes back no further.
 */
export class UndoWorktree extends TaskMessage {
  /** Which one. Absent: one back (docs/agents.md says what that is). */
  @IsOptional()
  @IsOrdinal()
  checkpointNumber?: number;
}
