import { IsCount, IsId, IsOrdinal, IsText } from '../fields/fields.js';

/** Tasks of which one heartbeat names the failing captures: 130 KB, of the megabyte of a NATS message. */
export const MAX_FAILING_TASKS = 200;

/** The worktree of a task whose newest captures failed, with what is in none of its checkpoints. */
export class FailingCaptures {
  @IsId()
  taskId!: string;

  /** The attempt that last worked in the worktree. */
  @IsOrdinal()
  attempt!: number;

  /** How long captures have failed without one that worked, by the daemon's clock. */
  @IsCount()
  failingSeconds!: number;

  /** Of the newest failure, with its code at the beginning where it has one. */
  @IsText(500)
  reason!: string;
}
