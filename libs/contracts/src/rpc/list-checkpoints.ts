import { Type } from 'class-transformer';
import { IsArray, IsBoolean, IsIn, IsInt, IsOptional, Max, Min, ValidateNested } from 'class-validator';
import { IsAttemptOfCheckpoint, IsCount, IsOrdinal, IsTimestamp, OrNull } from '../fields/fields.js';
import { IsProse } from '../fields/task-fields.js';
import { CHECKPOINT_KINDS, type CheckpointKind } from '../messages/checkpoint-created.js';
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

/** What identifies a checkpoint to people and agents. */
export class ListedCheckpoint {
  @IsOrdinal()
  number!: number;

  /** 0: it is a copy from the task that this one is a fork of. */
  @IsAttemptOfCheckpoint()
  attempt!: number;

  @IsIn(CHECKPOINT_KINDS)
  kind!: CheckpointKind;

  @IsProse()
  message!: string;

  @OrNull()
  @IsCount()
  filesChanged!: number | null;

  @OrNull()
  @IsCount()
  linesAdded!: number | null;

  @OrNull()
  @IsCount()
  linesRemoved!: number | null;

  /** It has a patch or a bundle. */
  @IsBoolean()
  hasPatch!: boolean;

  /** By the database's clock. */
  @IsTimestamp()
  createdAt!: string;
}

/** The most recently stored first. */
export class CheckpointList {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => ListedCheckpoint)
  checkpoints!: ListedCheckpoint[];
}
