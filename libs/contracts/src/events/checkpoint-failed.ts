import { IsIn } from 'class-validator';
import { CHECKPOINT_KINDS, type CheckpointKind } from '../messages/checkpoint-created.js';
import { IsId, IsText } from '../fields/fields.js';
import { TaskMessage } from '../wire/message.js';

/**
 * checkpoint-ingest → anyone: a requested checkpoint could not be made (`success: false`): task not found, no
 * changes, commit failed. Nothing was stored. `eventId` equals `checkpointEventId`.
 */
export class CheckpointFailed extends TaskMessage {
  @IsId()
  checkpointEventId!: string;

  @IsIn(CHECKPOINT_KINDS)
  kind!: CheckpointKind;

  @IsText(8000)
  message!: string;

  @IsText(8000)
  error!: string;
}
