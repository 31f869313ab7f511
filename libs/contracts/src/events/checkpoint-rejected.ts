import { IsIn, IsOptional } from 'class-validator';
import { ERROR_CODES, type ErrorCode } from '../fields/error-codes.js';
import { IsId, IsNameToken, IsText } from '../fields/fields.js';
import { Message } from '../wire/message.js';
import { IsProse } from '../fields/task-fields.js';

/**
 * checkpoint-ingest → anyone: a CheckpointCreated can never be stored. Its payload is in `dead_letters`; the
 * agent keeps its copy in `rejected/`. `eventId` is the dead letter's id.
 */
export class CheckpointRejected extends Message {
  @IsNameToken()
  daemonId!: string;

  /** As far as they could be read from the message or its subject. */
  @IsOptional()
  @IsId()
  taskId?: string;

  @IsOptional()
  @IsId()
  checkpointEventId?: string;

  @IsIn(ERROR_CODES)
  code!: ErrorCode;

  /** The field at fault. */
  @IsOptional()
  @IsText(1000)
  path?: string;

  @IsProse()
  reason!: string;
}
