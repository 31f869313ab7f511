import { IsOptional } from 'class-validator';
import { IsCount, IsId, IsNameToken, IsOrdinal, IsTimestamp } from '../fields/fields.js';
import { Message } from '../wire/message.js';

/** janitor → anyone: a patch outlived its TTL and was deleted; its checkpoint stays. */
export class PatchExpired extends Message {
  @IsId()
  taskId!: string;

  /** The daemon that made it, or else holds its task. Absent: there is none. */
  @IsOptional()
  @IsNameToken()
  daemonId?: string;

  @IsId()
  patchId!: string;

  @IsOptional()
  @IsOrdinal()
  checkpointNumber?: number;

  @IsCount()
  patchSizeBytes!: number;

  /** When it was due, by the database's clock. */
  @IsTimestamp()
  expiredAt!: string;
}
