import { IsInt, IsOptional, Max, Min } from 'class-validator';
import {
  IsCount,
  IsGitSha,
  IsId,
  IsNameToken,
  IsOrdinal,
  IsSha256,
  IsStrictBase64,
  IsText,
  IsTimestamp,
} from '../fields/fields.js';
import { CHUNK_SIZE_BYTES } from '../fields/limits.js';
import { Message } from '../wire/message.js';
import { IsPatchTtlHours } from '../fields/task-fields.js';

/** Stored patch without its bytes. */
export class PatchInfo {
  @IsId()
  id!: string;

  @IsId()
  taskId!: string;

  @IsOptional()
  @IsId()
  checkpointId?: string;

  @IsOptional()
  @IsOrdinal()
  checkpointNumber?: number;

  @IsText(32)
  format!: string;

  @IsGitSha()
  baseCommitSha!: string;

  @IsGitSha()
  treeSha!: string;

  @IsSha256()
  sha256!: string;

  @IsCount()
  patchSizeBytes!: number;

  @IsCount()
  uncompressedSizeBytes!: number;

  @IsCount()
  filesCount!: number;

  @IsTimestamp()
  createdAt!: string;

  @IsTimestamp()
  expiresAt!: string;
}

/** A request by a daemon; it is answered for tasks that this daemon holds. */
abstract class DaemonRequest extends Message {
  @IsNameToken()
  daemonId!: string;

  /** The attempt that the daemon asks for. Absent in requests of older versions: the newest that it holds. */
  @IsOptional()
  @IsOrdinal()
  attempt?: number;
}

export class GetPatchRequest extends DaemonRequest {
  @IsId()
  patchId!: string;
}

/** For latest, list and delete. */
export class TaskPatchesRequest extends DaemonRequest {
  @IsId()
  taskId!: string;
}

/** Bytes `offsetBytes` … `offsetBytes + lengthBytes - 1` of the compressed patch; fewer at the end. */
export class ReadPatchSliceRequest extends DaemonRequest {
  @IsId()
  patchId!: string;

  @IsInt()
  @Min(0)
  offsetBytes!: number;

  @IsInt()
  @Min(1)
  @Max(CHUNK_SIZE_BYTES)
  lengthBytes!: number;
}

export class PatchSlice {
  @IsId()
  patchId!: string;

  @IsCount()
  offsetBytes!: number;

  @IsCount()
  totalSizeBytes!: number;

  @IsStrictBase64()
  data!: string;
}

/**
 * Stores a patch that belongs to no checkpoint, as the reference allows. The patch is verified like that of a
 * checkpoint.
 */
export class CreatePatchRequest extends DaemonRequest {
  @IsId()
  taskId!: string;

  @IsGitSha()
  patchBaseSha!: string;

  @IsGitSha()
  treeSha!: string;

  @IsStrictBase64()
  patchData!: string;

  @IsCount()
  patchFilesCount!: number;

  @IsPatchTtlHours()
  patchTtlHours!: number;
}
