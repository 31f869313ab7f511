import { IsId, IsNameToken } from '../fields/fields.js';
import { Message } from '../wire/message.js';

/**
 * checkpoint-ingest → daemon-agent, over core NATS: a checkpoint has arrived, and chunks of its patch or
 * bundle are not there (a checkpoint with the same bytes was stored and took them along, or NATS lost them).
 * The daemon sends the chunks again; the message itself waits in the stream. A notice that is lost does no
 * harm: what is not confirmed is sent again anyway.
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
