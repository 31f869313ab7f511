import { IsBoolean, IsIn, IsOptional } from 'class-validator';
import {
  CHECKPOINT_KINDS,
  PATCH_ABSENT_REASONS,
  type CheckpointKind,
  type PatchAbsentReason,
} from '../messages/checkpoint-created.js';
import { IsCount, IsGitSha, IsId, IsOrdinal, IsSha256, IsTimestamp } from '../fields/fields.js';
import { TaskMessage } from '../wire/message.js';
import { IsBranchName, IsProse } from '../fields/task-fields.js';

/**
 * checkpoint-ingest → anyone: the checkpoint is committed in Postgres.
 *
 * At least once, in number order per task; `eventId` is the checkpoint's id, so a repeated event has the same
 * one. The agent drops its spooled copy only when `checkpointEventId`, `patchSha256` and `bundleSha256` are
 * those that it sent.
 */
export class CheckpointStored extends TaskMessage {
  @IsId()
  checkpointId!: string;

  /** `eventId` of the CheckpointCreated that was stored. */
  @IsId()
  checkpointEventId!: string;

  /** 1..n per task without gaps, in commit order. */
  @IsOrdinal()
  checkpointNumber!: number;

  @IsOrdinal()
  sequence!: number;

  @IsIn(CHECKPOINT_KINDS)
  kind!: CheckpointKind;

  @IsProse()
  message!: string;

  @IsGitSha()
  treeSha!: string;

  @IsOptional()
  @IsGitSha()
  commitSha?: string;

  @IsOptional()
  @IsBranchName()
  branchName?: string;

  @IsOptional()
  @IsCount()
  filesChanged?: number;

  @IsOptional()
  @IsCount()
  linesAdded?: number;

  @IsOptional()
  @IsCount()
  linesRemoved?: number;

  @IsCount()
  omissionsCount!: number;

  /** The state can be restored: from a patch, a bundle, or both. */
  @IsBoolean()
  hasPatch!: boolean;

  @IsOptional()
  @IsIn(PATCH_ABSENT_REASONS)
  patchAbsentReason?: PatchAbsentReason;

  @IsOptional()
  @IsId()
  patchId?: string;

  @IsOptional()
  @IsSha256()
  patchSha256?: string;

  @IsOptional()
  @IsCount()
  patchSizeBytes?: number;

  @IsOptional()
  @IsId()
  bundleId?: string;

  @IsOptional()
  @IsSha256()
  bundleSha256?: string;

  @IsOptional()
  @IsCount()
  bundleSizeBytes?: number;

  /** Of the bytes of the conversation that the CheckpointCreated carried. */
  @IsOptional()
  @IsSha256()
  conversationSha256?: string;

  /**
   * The conversation could not be stored, because bytes before those that were carried are not there. The
   * daemon sends it whole with its next checkpoint.
   */
  @IsOptional()
  @IsBoolean()
  conversationMissing?: boolean;

  /** It came from an attempt older than the task's current one: kept, but never picked by a resume. */
  @IsBoolean()
  superseded!: boolean;

  /** By the database's clock. */
  @IsTimestamp()
  storedAt!: string;
}
