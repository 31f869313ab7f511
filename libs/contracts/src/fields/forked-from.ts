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

/** The attempt of what a fork begins with: before its own first one, which nobody may speak for (ADR 20). */
export const COPIED_ATTEMPT = 0;

/** Whether a checkpoint of that attempt is a copy from the task that this one is a fork of. */
export function isCopied(attempt: number | undefined): boolean {
  return attempt === COPIED_ATTEMPT;
}

export const IsForkedFrom = () =>
  applyDecorators(
    ValidateNested(),
    Type(() => ForkedFrom),
  );
