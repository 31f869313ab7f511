import { IsOrdinal, IsTimestamp } from '../fields/fields.js';
import { TaskMessage } from '../wire/message.js';
import { IsProse } from '../fields/task-fields.js';

/**
 * patch-store → anyone: a daemon could not restore this checkpoint. It continues with the next older one, or
 * with a fresh clone; the events that follow show which.
 */
export class WorktreeRestoreFailed extends TaskMessage {
  @IsOrdinal()
  checkpointNumber!: number;

  /** With the error code at its beginning. */
  @IsProse()
  reason!: string;

  /** By the agent's clock, for people. */
  @IsTimestamp()
  at!: string;
}
