import { applyDecorators } from '@nestjs/common';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsOptional, ValidateNested } from 'class-validator';
import { IsText } from './fields.js';
import { MAX_OMISSIONS } from './limits.js';

/** A path that a capture left out, or a state that it could not preserve, with the reason. */
export class Omission {
  /** Relative to the worktree; bytes that are not UTF-8 are shown as U+FFFD. */
  @IsText(4096)
  path!: string;

  @IsText(200)
  reason!: string;
}

/** The omissions of a checkpoint, the first {@link MAX_OMISSIONS} of them; absent when there are none. */
export const AreOmissions = () =>
  applyDecorators(
    IsOptional(),
    IsArray(),
    ArrayMaxSize(MAX_OMISSIONS),
    ValidateNested({ each: true }),
    Type(() => Omission),
  );
