import { IsOptional } from 'class-validator';
import { IsText } from '../fields/fields.js';

/** Which file of a conversation. */
export class ConversationQuery {
  /** As the checkpoint's conversation names it; the agent's own by default, and not that of a sub-agent. */
  @IsOptional()
  @IsText(1024)
  path?: string;
}
