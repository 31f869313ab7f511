import { IsBoolean, IsIn, IsOptional, ValidateIf } from 'class-validator';
import { IsCount, IsGitSha, IsOrdinal, IsSha256, IsStrictBase64, IsTimestamp } from '../fields/fields.js';
import { TaskMessage } from '../wire/message.js';
import { AreModes, type Modes } from '../fields/modes.js';
import { AreOmissions, type Omission } from '../fields/omission.js';
import { AreFoundSecrets, type FoundSecret } from '../fields/found-secret.js';
import { CarriedConversation, IsCarriedConversation } from '../fields/conversation.js';
import { withBundle, withConversation, withPatch, withPatchOrBundle } from '../fields/patch-and-bundle.js';
import { IsBranchName, IsPatchTtlHours, IsProse } from '../fields/task-fields.js';

/**
 * Why a checkpoint was made: `heartbeat` at the capture interval, or after a tool was used; `manual` on
 * request; `final` as the last one of its attempt; `turn`, `pre-compact` and `before-command` at the
 * boundaries of an agent's work.
 */
export const CHECKPOINT_KINDS = [
  'heartbeat',
  'manual',
  'final',
  'turn',
  'pre-compact',
  'before-command',
  'undo',
] as const;
export type CheckpointKind = (typeof CHECKPOINT_KINDS)[number];

/**
 * - `git-diff`: a gzip-compressed diff, readable by people; restores everything as uncommitted changes
 * - `git-bundle`: commits, branch and uncommitted changes as git objects; anyone can `git fetch` it
 */
export const PATCH_FORMATS = ['git-diff', 'git-bundle'] as const;
export type PatchFormat = (typeof PATCH_FORMATS)[number];

/** Why a successful checkpoint carries no patch: it was over the size limit, or patches are switched off. */
export const PATCH_ABSENT_REASONS = ['too-large', 'disabled'] as const;
export type PatchAbsentReason = (typeof PATCH_ABSENT_REASONS)[number];

/**
 * daemon-agent → checkpoint-ingest: a worktree was captured, or a requested capture failed (`success: false`
 * and `error`).
 *
 * Sent at least once, in capture order per task from one daemon; `eventId` stays the same when it is sent
 * again. The state it describes is whole (base → state), so a later one replaces all earlier ones.
 */
export class CheckpointCreated extends TaskMessage {
  /** 1, 2, … per attempt. "Latest" is the highest (`attempt`, `sequence`), never a clock. */
  @IsOrdinal()
  sequence!: number;

  @IsIn(CHECKPOINT_KINDS)
  kind!: CheckpointKind;

  @IsBoolean()
  success!: boolean;

  /** Why there is no checkpoint; set exactly when `success` is false. */
  @ValidateIf((message: CheckpointCreated) => !message.success)
  @IsProse()
  error?: string;

  /** For people: the time by the agent's clock. Order and expiry never depend on it. */
  @IsTimestamp()
  capturedAt!: string;

  @IsProse()
  message!: string;

  /** HEAD of the worktree, absent while its branch has no commit. */
  @IsOptional()
  @IsGitSha()
  commitSha?: string;

  /** Absent when HEAD is detached. */
  @IsOptional()
  @IsBranchName()
  branchName?: string;

  /** Tree hash of everything captured: the identity of this state. */
  @ValidateIf((message: CheckpointCreated) => message.success)
  @IsGitSha()
  treeSha?: string;

  /** Permissions beside the tree. Absent: as a checkout makes them. */
  @AreModes()
  modes?: Modes;

  /** Whether the base commit was seen on the source's remote, as last fetched or pushed. */
  @IsOptional()
  @IsBoolean()
  baseReachable?: boolean;

  @IsOptional()
  @IsCount()
  filesChanged?: number;

  @IsOptional()
  @IsCount()
  linesAdded?: number;

  @IsOptional()
  @IsCount()
  linesRemoved?: number;

  @AreOmissions()
  omissions?: Omission[];

  /** The number of all omissions, including those not listed. */
  @IsOptional()
  @IsCount()
  omissionsCount?: number;

  /** What it holds that looks like a secret. Absent: nothing, or its daemon does not look. */
  @AreFoundSecrets()
  secrets?: FoundSecret[];

  /** Gzip-compressed patch in base64, if it is small enough to be inline. */
  @IsOptional()
  @IsStrictBase64()
  patchData?: string;

  /** Chunks of the patch in the BLOBS stream, if it is not inline. */
  @ValidateIf(
    (message: CheckpointCreated) => message.patchSha256 !== undefined && message.patchData === undefined,
  )
  @IsOrdinal()
  patchChunkCount?: number;

  @withPatch()
  @IsIn(PATCH_FORMATS)
  patchFormat?: PatchFormat;

  /** Commit that patch and bundle apply to; the empty tree's id if they are based on nothing. */
  @withPatchOrBundle()
  @IsGitSha()
  patchBaseSha?: string;

  @ValidateIf(
    (message: CheckpointCreated) => message.patchSha256 !== undefined || message.patchData !== undefined,
  )
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

  /**
   * Git bundle in base64, if it is small enough to be inline. It is based on `patchBaseSha`, or on nothing.
   */
  @IsOptional()
  @IsStrictBase64()
  bundleData?: string;

  /** Chunks of the bundle in the BLOBS stream, if it is not inline. */
  @ValidateIf(
    (message: CheckpointCreated) => message.bundleSha256 !== undefined && message.bundleData === undefined,
  )
  @IsOrdinal()
  bundleChunkCount?: number;

  @ValidateIf(
    (message: CheckpointCreated) => message.bundleSha256 !== undefined || message.bundleData !== undefined,
  )
  @IsSha256()
  bundleSha256?: string;

  @withBundle()
  @IsCount()
  bundleSizeBytes?: number;

  /**
   * The agent program's record of its conversation, as it was just before the files were captured. Absent:
   * there is none, or it is not captured.
   */
  @withConversation()
  @IsCarriedConversation()
  conversation?: CarriedConversation;

  /**
   * The carried bytes of its files one after the other, gzip-compressed, in base64 if they are few enough to
   * be inline.
   */
  @IsOptional()
  @IsStrictBase64()
  conversationData?: string;

  /** Chunks of them in the BLOBS stream, if they are not inline. */
  @ValidateIf(
    (message: CheckpointCreated) =>
      message.conversationSha256 !== undefined && message.conversationData === undefined,
  )
  @IsOrdinal()
  conversationChunkCount?: number;

  /** Of the compressed bytes. */
  @withConversation()
  @IsSha256()
  conversationSha256?: string;

  @withConversation()
  @IsCount()
  conversationSizeBytes?: number;

  /** How long patch and bundle are kept, counted by the database's clock from when they are stored. */
  @withPatchOrBundle()
  @IsPatchTtlHours()
  patchTtlHours?: number;

  @IsOptional()
  @IsIn(PATCH_ABSENT_REASONS)
  patchAbsentReason?: PatchAbsentReason;
}
