import { Type } from 'class-transformer';
import { IsBoolean, IsIn, ValidateNested } from 'class-validator';
import { IsCount, IsOrdinal, OrNull } from '../fields/fields.js';
import { PATCH_ABSENT_REASONS, type PatchAbsentReason } from '../messages/checkpoint-created.js';
import { CheckpointSummary } from '../messages/checkpoint-summary.js';

/** The newest stored checkpoint of a task: what is known of its worktree. */
export class NewestCheckpointView extends CheckpointSummary {
  /** The worktree equalled its base: there was no work in it. Null: not counted. */
  @OrNull()
  @IsBoolean()
  isClean!: boolean | null;

  /** Whether the base commit was seen on the remote of the source. Null: not checked. */
  @OrNull()
  @IsBoolean()
  baseReachable!: boolean | null;

  @IsCount()
  omissionsCount!: number;

  /** By the database's clock too. */
  @IsCount()
  ageSeconds!: number;
}

/** Why a resume would not restore the newest state. */
export const LOSS_REASONS = ['no-checkpoint', 'expired', ...PATCH_ABSENT_REASONS] as const;
export type LossReason = 'no-checkpoint' | 'expired' | PatchAbsentReason;

/** What a resume of the task would restore now. */
export class RecoveryView {
  /** Null: nothing was stored yet. */
  @OrNull()
  @ValidateNested()
  @Type(() => NewestCheckpointView)
  newestCheckpoint!: NewestCheckpointView | null;

  /**
   * The checkpoint that a resume would restore. Null: none can be restored, and it would start over from
   * scratch.
   */
  @OrNull()
  @IsOrdinal()
  restorableCheckpointNumber!: number | null;

  /** Why that is not the newest checkpoint. Null: it is. `expired`: or its patches were deleted. */
  @OrNull()
  @IsIn(LOSS_REASONS)
  notNewestBecause!: LossReason | null;
}
