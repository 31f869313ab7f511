import { IsIn, IsOptional } from 'class-validator';
import { PATCH_FORMATS, type PatchFormat } from './checkpoint-created.js';
import {
  IsAttemptOfCheckpoint,
  IsCount,
  IsGitSha,
  IsId,
  IsOrdinal,
  IsSha256,
  IsStrictBase64,
} from '../fields/fields.js';
import { IsConversation, type Conversation } from '../fields/conversation.js';
import { AreModes, type Modes } from '../fields/modes.js';
import { AreOmissions, type Omission } from '../fields/omission.js';
import { withBundle, withPatch, withPatchOrBundle } from '../fields/patch-and-bundle.js';
import { IsBranchName, IsProse } from '../fields/task-fields.js';

/** What a restore needs of a checkpoint. Without `patchSha256` and `bundleSha256` it names none. */
export class CheckpointToRestore {
  /** The checkpoint to restore. Absent when the task has none. */
  @withPatchOrBundle()
  @IsOrdinal()
  checkpointNumber?: number;

  /**
   * Attempt that made the checkpoint. A worktree left by an older attempt is behind it and must not be
   * reused. 0: another task made it, of which this one is a fork.
   */
  @withPatchOrBundle()
  @IsAttemptOfCheckpoint()
  checkpointAttempt?: number;

  @withPatch()
  @IsId()
  patchId?: string;

  @withPatch()
  @IsIn(PATCH_FORMATS)
  patchFormat?: PatchFormat;

  /** Gzip-compressed patch in base64 when small; otherwise read it in slices by `patchId`. */
  @IsOptional()
  @IsStrictBase64()
  patchData?: string;

  @withPatchOrBundle()
  @IsGitSha()
  patchBaseSha?: string;

  /** The restored worktree must have exactly this tree. */
  @withPatchOrBundle()
  @IsGitSha()
  patchTreeSha?: string;

  /** Which permissions the files and folders must have. Absent: as a checkout makes them. */
  @AreModes()
  modes?: Modes;

  @IsOptional()
  @IsSha256()
  patchSha256?: string;

  @withPatch()
  @IsCount()
  patchSizeBytes?: number;

  @withPatch()
  @IsCount()
  patchUncompressedSizeBytes?: number;

  @withPatchOrBundle()
  @IsCount()
  patchFilesCount?: number;

  /** Preferred to the patch: it also restores branch and commits. */
  @withBundle()
  @IsId()
  bundleId?: string;

  /** Git bundle in base64 when small; otherwise read it in slices by `bundleId`. */
  @IsOptional()
  @IsStrictBase64()
  bundleData?: string;

  @IsOptional()
  @IsSha256()
  bundleSha256?: string;

  @withBundle()
  @IsCount()
  bundleSizeBytes?: number;

  /** HEAD of the captured worktree; absent while its branch had no commit. */
  @IsOptional()
  @IsGitSha()
  checkpointCommitSha?: string;

  /** Branch of the captured worktree; absent when its HEAD was detached. */
  @IsOptional()
  @IsBranchName()
  checkpointBranchName?: string;

  @IsOptional()
  @IsProse()
  checkpointMessage?: string;

  /** What the checkpoint does not contain. */
  @AreOmissions()
  omissions?: Omission[];

  @IsOptional()
  @IsCount()
  omissionsCount?: number;

  /** What the agent had recorded of its conversation; its bytes are read by attempt, file and offset. */
  @IsConversation()
  conversation?: Conversation;

  /** Age of the checkpoint when it was chosen, by the database's clock. */
  @IsOptional()
  @IsCount()
  checkpointAgeSeconds?: number;
}
