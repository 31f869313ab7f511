import { applyDecorators } from '@nestjs/common';
import { Type } from 'class-transformer';
import { ValidateNested } from 'class-validator';
import { IsId, IsOrdinal } from './fields.js';

/** Where a task comes from that was made from a checkpoint of another one. */
export class ForkedFrom {
  /** The other task. */
  @IsId()
  taskId!: string;

  /** That task's number of the checkpoint: the fork has its own copy, as its checkpoint 1. */
  @IsOrdinal()
  checkpointNumber!: number;
}

export const IsForkedFrom = () =>
  applyDecorators(
    ValidateNested(),
    Type(() => ForkedFrom),
  );
