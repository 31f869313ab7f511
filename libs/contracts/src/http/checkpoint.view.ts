import { Type } from 'class-transformer';
import { IsArray, IsBoolean, IsIn, ValidateNested } from 'class-validator';
import {
  IsAttemptOfCheckpoint,
  IsCount,
  IsGitSha,
  IsId,
  IsNameToken,
  IsOrdinal,
  IsTimestamp,
  OrNull,
} from '../fields/fields.js';
import { Conversation } from '../fields/conversation.js';
import { Modes } from '../fields/modes.js';
import { FoundSecret } from '../fields/found-secret.js';
import { Omission } from '../fields/omission.js';
import {
  CHECKPOINT_KINDS,
  PATCH_ABSENT_REASONS,
  type CheckpointKind,
  type PatchAbsentReason,
} from '../messages/checkpoint-created.js';
import { ChangedFile } from './changed-file.js';
import { IsBranchName, IsProse } from '../fields/task-fields.js';

/** A checkpoint as HTTP shows it. */
export class CheckpointView {
  @IsId()
  id!: string;

  @IsId()
  taskId!: string;

  /** 1..n per task without gaps, in the order in which they were stored. */
  @IsOrdinal()
  number!: number;

  /** Of the CheckpointCreated that was stored. */
  @IsId()
  eventId!: string;

  @IsNameToken()
  daemonId!: string;

  /** 0: it is a copy from the task that this one is a fork of. */
  @IsAttemptOfCheckpoint()
  attempt!: number;

  @IsOrdinal()
  sequence!: number;

  @IsIn(CHECKPOINT_KINDS)
  kind!: CheckpointKind;

  @IsProse()
  message!: string;

  /** HEAD when it was captured. Null: its branch had no commit. */
  @OrNull()
  @IsGitSha()
  commitSha!: string | null;

  /** Null: HEAD was detached. */
  @OrNull()
  @IsBranchName()
  branchName!: string | null;

  /** Tree hash of everything captured: the identity of the state. */
  @IsGitSha()
  treeSha!: string;

  /** Permissions beside the tree. Null: as a checkout makes them, or its daemon was too old to say. */
  @OrNull()
  @ValidateNested()
  @Type(() => Modes)
  modes!: Modes | null;

  /** Whether the base commit was seen on the remote of the source. Null: not checked. */
  @OrNull()
  @IsBoolean()
  baseReachable!: boolean | null;

  @OrNull()
  @IsCount()
  filesChanged!: number | null;

  @OrNull()
  @IsCount()
  linesAdded!: number | null;

  @OrNull()
  @IsCount()
  linesRemoved!: number | null;

  /** Paths that the capture left out, with the reason; not always all of them. */
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => Omission)
  omissions!: Omission[];

  /** All of them. */
  @IsCount()
  omissionsCount!: number;

  /** What it holds that looks like a secret, as far as its daemon looked; not always all of it. */
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => FoundSecret)
  secrets!: FoundSecret[];

  /** It can be restored: from a patch, a bundle, or both. */
  @IsBoolean()
  hasPatch!: boolean;

  /**
   * The readable diff. Null: there never was one (see `patchAbsentReason`), or it has expired or was deleted.
   */
  @OrNull()
  @IsId()
  patchId!: string | null;

  /** The git bundle. Null: there never was one, or it has expired or was deleted. */
  @OrNull()
  @IsId()
  bundleId!: string | null;

  @OrNull()
  @IsIn(PATCH_ABSENT_REASONS)
  patchAbsentReason!: PatchAbsentReason | null;

  /** What the agent had recorded of its conversation. Null: nothing, or it is not captured. */
  @OrNull()
  @ValidateNested()
  @Type(() => Conversation)
  conversation!: Conversation | null;

  /** It came from an attempt that was no longer the current one: a resume never picks it. */
  @IsBoolean()
  superseded!: boolean;

  /** By the daemon's clock. */
  @IsTimestamp()
  capturedAt!: string;

  /** By the database's clock. */
  @IsTimestamp()
  createdAt!: string;
}

/** One checkpoint, with its files. */
export class CheckpointDetail extends CheckpointView {
  /**
   * The files in which it differs from its base, the first 10,000. Null: its diff was deleted, or is too
   * large to be listed.
   */
  @OrNull()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => ChangedFile)
  files!: ChangedFile[] | null;
}

/** A page of checkpoints, the most recently stored first. */
export class CheckpointPage {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => CheckpointView)
  checkpoints!: CheckpointView[];

  /** The `cursor` of the next page. Null: this was the last one. */
  @OrNull()
  @IsOrdinal()
  nextCursor!: number | null;
}
