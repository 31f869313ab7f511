import { IsIn } from 'class-validator';
import { CHECKPOINT_KINDS, type CheckpointKind } from '../messages/checkpoint-created.js';
import { IsId } from '../fields/fields.js';
import { TaskMessage } from '../wire/message.js';
import { IsProse } from '../fields/task-fields.js';

/**
 * checkpoint-ingest → anyone: a requested checkpoint could not be made (`success: false`): task not found, no
 * changes, commit failed. Nothing was stored. `eventId` equals `checkpointEventId`.
 */
export class CheckpointFailed extends TaskMessage {
  @IsId()
  checkpointEventId!: string;

  @IsIn(CHECKPOINT_KINDS)
  kind!: CheckpointKind;

  @IsProse()
  message!: string;

  @IsProse()
  error!: string;
}
