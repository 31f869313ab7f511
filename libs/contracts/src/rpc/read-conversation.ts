import { Matches } from 'class-validator';
import { IsCount, IsOrdinal, IsStrictBase64 } from '../fields/fields.js';
import { TaskMessage } from '../wire/message.js';

/**
 * Asks for bytes of one file of a checkpoint's conversation, from `offsetBytes` on. Answered to the daemon
 * that holds `attempt`; refused with `CONVERSATION_NOT_FOUND` when the checkpoint has none, or its bytes have
 * expired.
 */
export class ReadConversationRequest extends TaskMessage {
  @IsOrdinal()
  checkpointNumber!: number;

  /** As the checkpoint's conversation names it. */
  @Matches(/./)
  path!: string;

  @IsCount()
  offsetBytes!: number;
}

/** Bytes from the offset on: at least one unless the file ends there, at most CHUNK_SIZE_BYTES. */
export class ConversationSlice {
  @IsStrictBase64()
  data!: string;
}
