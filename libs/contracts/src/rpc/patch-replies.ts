import { Type } from 'class-transformer';
import { IsArray, ValidateNested } from 'class-validator';
import { IsCount } from '../fields/fields.js';
import { PatchInfo } from './patches.js';

/** All patches of a task, newest checkpoint first, without their bytes. */
export class PatchList {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => PatchInfo)
  patches!: PatchInfo[];
}

export class PatchesDeleted {
  @IsCount()
  deletedCount!: number;
}
