import { applyDecorators } from '@nestjs/common';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsOptional, ValidateNested } from 'class-validator';
import { IsText } from './fields.js';
import { MAX_OMISSIONS } from './limits.js';

/** A file in a checkpoint that looks like a secret, or that its daemon could not search for secrets. */
export class FoundSecret {
  /**
   * Relative to the worktree; bytes that are not UTF-8 are shown as U+FFFD. `.` stands for all that was not
   * searched, if that is more than one file.
   */
  @IsText(4096)
  path!: string;

  /**
   * Never what was found, but by which rule:
   * - `file-name`: the name is one that files with secrets have
   * - a rule of secretlint, such as `github` or `privatekey`; several are separated by commas
   * - `not-scanned: …`: too large, or there was no time; how many files
   *
   * There may be more in time.
   */
  @IsText(200)
  rule!: string;
}

/** The found secrets of a checkpoint, the first {@link MAX_OMISSIONS} of them; absent when there are none. */
export const AreFoundSecrets = () =>
  applyDecorators(
    IsOptional(),
    IsArray(),
    ArrayMaxSize(MAX_OMISSIONS),
    ValidateNested({ each: true }),
    Type(() => FoundSecret),
  );
