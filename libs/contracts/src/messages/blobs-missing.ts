import { IsId, IsNameToken } from '../fields/fields.js';
import { Message } from '../wire/message.js';

/**
 * checkpoint-ingest → daemon-agent, over core NATS: a checkpoint has arrived, but chunks of its patch or
 * bundle are missing (a checkpoint with the same bytes was stored and they were deleted, or NATS lost them).
 * The daemon sends the chunks again; the message itself waits in the stream. Losing a notice is harmless:
 * what is not confirmed is sent again anyway.
 */
export class BlobsMissing extends Message {
  @IsNameToken()
  daemonId!: string;

  @IsId()
  taskId!: string;

  /** The CheckpointCreated that waits. */
  @IsId()
  checkpointEventId!: string;
}
