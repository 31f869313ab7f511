import { IsTimestamp } from '../fields/fields.js';
import { TaskMessage } from '../wire/message.js';
import { IsProse } from '../fields/task-fields.js';

/**
 * patch-store → anyone: a resumed attempt does not go on with its conversation. Its program starts over, with
 * the plan, a brief of what was restored, and what was said as a text to read. The files are not concerned.
 */
export class ConversationRefused extends TaskMessage {
  /** What the program did, or why its conversation could not be placed for it. */
  @IsProse()
  reason!: string;

  /** By the agent's clock, for people. */
  @IsTimestamp()
  at!: string;
}
