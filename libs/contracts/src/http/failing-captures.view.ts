import { IsText, IsTimestamp } from '../fields/fields.js';

/** Why the worktree of a task cannot be captured, as the daemon that holds it says. */
export class FailingCapturesView {
  /** No capture has worked since. By the database's clock. */
  @IsTimestamp()
  since!: string;

  /** Of the newest failure, with its code at the beginning where it has one. */
  @IsText(500)
  reason!: string;
}
