import { IsText } from '../fields/fields.js';
import { TaskMessage } from '../wire/message.js';

/**
 * patch-store → the task's daemon: end the agent process of this attempt (SIGTERM, then SIGKILL for its
 * process group), take a final checkpoint and report. Stopping what has ended is a no-op.
 */
export class StopTask extends TaskMessage {
  @IsText(1000)
  reason!: string;
}
