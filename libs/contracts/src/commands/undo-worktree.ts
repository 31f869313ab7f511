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

/** The message of the checkpoint that an undo went back to. */
export function backMessage(checkpointNumber: number): string {
  return `${BACK}${checkpointNumber}`;
}

const BACK = 'Back to checkpoint ';

/** The message of an undo that could not be done. */
export const UNDO_FAILED_MESSAGE = 'Undo';

/** Whether a checkpoint answers an undo; the one of the state before it does not. */
export function answersUndo({ kind, message }: { kind?: string; message?: string }): boolean {
  return kind === 'undo' && (message === UNDO_FAILED_MESSAGE || message?.startsWith(BACK) === true);
}
