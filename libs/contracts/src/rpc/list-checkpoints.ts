import { Type } from 'class-transformer';
import { IsArray, IsBoolean, IsInt, IsOptional, Max, Min, ValidateNested } from 'class-validator';
import { IsOrdinal } from '../fields/fields.js';
import { CheckpointSummary } from '../messages/checkpoint-summary.js';
import { TaskMessage } from '../wire/message.js';

/** Most checkpoints of one answer: with messages of any length it fits in a message of NATS. */
export const MAX_LISTED_CHECKPOINTS = 50;

/** Asks for checkpoints of the task. Answered for the daemon that holds its current attempt. */
export class ListCheckpointsRequest extends TaskMessage {
  /** Only those with a lower number. */
  @IsOptional()
  @IsOrdinal()
  beforeNumber?: number;

  @IsInt()
  @Min(1)
  @Max(MAX_LISTED_CHECKPOINTS)
  limit!: number;
}

export class ListedCheckpoint extends CheckpointSummary {
  /** It has a patch or a bundle. */
  @IsBoolean()
  hasPatch!: boolean;
}

/** The most recently stored first. */
export class CheckpointList {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => ListedCheckpoint)
  checkpoints!: ListedCheckpoint[];
}
