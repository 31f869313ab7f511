import { IsOrdinal, IsText, IsTimestamp } from '../fields/fields.js';
import { TaskMessage } from '../wire/message.js';

/**
 * patch-store → anyone: a daemon could not restore this checkpoint. It goes on with the next older one, or
 * with a fresh clone, and tells which in the events that follow.
 */
export class WorktreeRestoreFailed extends TaskMessage {
  @IsOrdinal()
  checkpointNumber!: number;

  /** With the error code at its beginning. */
  @IsText(8000)
  reason!: string;

  /** By the agent's clock, for people. */
  @IsTimestamp()
  at!: string;
}
