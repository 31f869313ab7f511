import { applyDecorators } from '@nestjs/common';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsInt,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateBy,
  ValidateNested,
} from 'class-validator';
import { MAX_MODE_EXCEPTIONS_BYTES } from './limits.js';

/** The nine bits of permissions: no setuid, setgid or sticky bit. */
const IsMode = (options?: { each: boolean }) =>
  applyDecorators(IsInt(options), Min(0, options), Max(0o777, options));

/** Relative, without `.`, `..`, `.git` and empty parts; `.` alone, or a slash at its end, are allowed. */
const PATH_IN_WORKTREE = /^(?:\.|(?:(?!(?:\.|\.\.|\.[Gg][Ii][Tt])(?:\/|$))[^/]+(?:\/|$))+)$/;

/** Paths that have a mode which differs from that of most others. */
export class ModeException {
  /** From 0 to 511: the nine bits of permissions. */
  @IsMode()
  mode!: number;

  /**
   * Relative to the worktree, which is `.`; bytes that are not UTF-8 are U+FFFD. With a slash at its end:
   * every file below that folder for which no longer path says more.
   */
  @IsArray()
  @IsString({ each: true })
  @MaxLength(4096, { each: true })
  @Matches(PATH_IN_WORKTREE, {
    each: true,
    message: 'each value in $property must be a path within a worktree',
  })
  paths!: string[];
}

/**
 * Permissions of a captured worktree: its tree holds only the executable bit of each file's owner. Numbers
 * from 0 to 511: the nine bits.
 */
export class Modes {
  /** Of every file that no exception names. */
  @IsMode()
  files!: number;

  /** Of those whose owner may execute them. */
  @IsMode()
  executables!: number;

  @IsMode()
  folders!: number;

  /** What differs, at most 32 KiB as JSON. */
  @IsArray()
  @ArrayMaxSize(0o1000)
  @ValidateNested({ each: true })
  @Type(() => ModeException)
  @ValidateBy({
    name: 'maxBytesAsJson',
    validator: {
      validate: (value) => Buffer.byteLength(JSON.stringify(value)) <= MAX_MODE_EXCEPTIONS_BYTES,
      defaultMessage: () => `$property must have at most ${MAX_MODE_EXCEPTIONS_BYTES} bytes as JSON`,
    },
  })
  exceptions!: ModeException[];
}

/** Absent: files and folders are as a checkout makes them, or the daemon is too old to say. */
export const AreModes = () =>
  applyDecorators(
    IsOptional(),
    ValidateNested(),
    Type(() => Modes),
  );
