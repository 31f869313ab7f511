import { applyDecorators } from '@nestjs/common';
import { ArrayMaxSize, IsArray, IsOptional, IsString, MaxLength } from 'class-validator';
import { MAX_FAILED_TRIES, MAX_FAILED_TRY_LENGTH } from './limits.js';

/** What a restore tried before and failed, with the reasons: the first {@link MAX_FAILED_TRIES}. */
export const AreFailedTries = () =>
  applyDecorators(
    MaxLength(MAX_FAILED_TRY_LENGTH, { each: true }),
    IsString({ each: true }),
    ArrayMaxSize(MAX_FAILED_TRIES),
    IsArray(),
    IsOptional(),
  );
