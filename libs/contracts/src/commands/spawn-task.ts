import { Allow, IsBoolean, IsIn, IsInt, IsOptional, Min, ValidateIf } from 'class-validator';
import { PATCH_FORMATS, type PatchFormat } from '../checkpoint-created.js';
import {
  IsCount,
  IsGitSha,
  IsId,
  IsNameToken,
  IsOrdinal,
  IsSha256,
  IsStrictBase64,
  IsText,
} from '../fields.js';
import { Message } from '../message.js';

const withPatch = () => ValidateIf((message: SpawnTask) => message.patchSha256 !== undefined);

/**
 * patch-store → a daemon, or whichever daemon of a pool pulls it first: run this attempt of the task.
 *
 * Delivered at least once. The receiver claims (`taskId`, `attempt`) from patch-store before it does anything, so that one
 * agent process runs per task and attempt.
 */
export class SpawnTask extends Message {
  @IsId()
  taskId!: string;

  @IsOrdinal()
  attempt!: number;

  @IsText(200)
  taskName!: string;

  /** What the agent is to do: a prompt, or a script for the `shell` runner. */
  @IsText(1_000_000)
  plan!: string;

  /** How the agent program is started; one of the agent's runners. */
  @IsNameToken()
  runner!: string;

  /** Source repository: a URL, or `new://name` for an empty one. */
  @IsText(4096)
  repoUrl!: string;

  @IsOptional()
  @IsText(1024)
  baseBranch?: string;

  /** Branch that the task works on; made from the task's name and id when absent. */
  @IsOptional()
  @IsText(1024)
  targetBranch?: string;

  /** A supervisor may be spawned again while it counts as running. */
  @IsBoolean()
  isSupervisor!: boolean;

  /** Continue where an earlier attempt ended: reuse its worktree, restore it, or start fresh and say so. */
  @IsBoolean()
  resumeSession!: boolean;

  /** Any JSON: handed to the runner when it cannot continue the conversation by itself. */
  @Allow()
  conversationHistory?: unknown;

  /** The checkpoint to restore. Absent when the task has none. */
  @withPatch()
  @IsOrdinal()
  checkpointNumber?: number;

  /** Attempt that made the checkpoint. A worktree left by an older attempt is behind it and must not be reused. */
  @withPatch()
  @IsOrdinal()
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

  @withPatch()
  @IsGitSha()
  patchBaseSha?: string;

  /** The restored worktree must have exactly this tree. */
  @withPatch()
  @IsGitSha()
  patchTreeSha?: string;

  @IsOptional()
  @IsSha256()
  patchSha256?: string;

  @withPatch()
  @IsCount()
  patchSizeBytes?: number;

  @withPatch()
  @IsCount()
  patchUncompressedSizeBytes?: number;

  @withPatch()
  @IsCount()
  patchFilesCount?: number;

  /** Age of the checkpoint when it was chosen, by the database's clock. */
  @IsOptional()
  @IsInt()
  @Min(0)
  checkpointAgeSeconds?: number;
}
