import { IsIn, IsOptional } from 'class-validator';
import { IsCount, IsGitSha, IsId, IsStrictBase64 } from '../fields/fields.js';
import { PATCH_FORMATS, type PatchFormat } from '../messages/checkpoint-created.js';
import { IsPatchTtlHours } from '../fields/task-fields.js';

/** As in the reference: seven days. */
const DEFAULT_TTL_HOURS = 168;

/** `POST /v1/tasks/{id}/patches` */
export class CreatePatchBody {
  /** Chosen by the client, so that the same request may be sent again; generated if absent. */
  @IsOptional()
  @IsId()
  id?: string;

  /** The commit that the patch applies to. */
  @IsGitSha()
  patchBaseSha!: string;

  /** The tree that base and patch make together. */
  @IsGitSha()
  treeSha!: string;

  /** Gzip-compressed `git diff --binary`, in base64. */
  @IsStrictBase64()
  patchData!: string;

  @IsCount()
  patchFilesCount!: number;

  @IsPatchTtlHours()
  patchTtlHours: number = DEFAULT_TTL_HOURS;
}

/** `GET /v1/tasks/{id}/patches/latest` */
export class LatestPatchQuery {
  /** Absent: the readable diff if there is one, else the bundle. */
  @IsOptional()
  @IsIn(PATCH_FORMATS)
  format?: PatchFormat;
}
