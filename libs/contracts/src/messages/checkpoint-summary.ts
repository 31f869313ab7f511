import { IsIn } from 'class-validator';
import { IsAttemptOfCheckpoint, IsCount, IsOrdinal, IsTimestamp, OrNull } from '../fields/fields.js';
import { IsProse } from '../fields/task-fields.js';
import { CHECKPOINT_KINDS, type CheckpointKind } from './checkpoint-created.js';

/** What people and agents know a stored checkpoint by. */
export class CheckpointSummary {
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

  /** By the database's clock. */
  @IsTimestamp()
  createdAt!: string;
}
