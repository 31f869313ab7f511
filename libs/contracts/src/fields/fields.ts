import { applyDecorators } from '@nestjs/common';
import {
  IsBase64,
  IsInt,
  IsISO8601,
  IsString,
  IsUUID,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateIf,
} from 'class-validator';
import type { ErrorCode } from './error-codes.js';

/** The validation context in which a field names a more specific code than FIELD_INVALID. */
export interface CodeContext {
  code: ErrorCode;
}

const code = (value: ErrorCode): { context: CodeContext } => ({ context: { code: value } });

/**
 * A daemon id or a pool name: safe as one NATS subject token and as a folder name. `_` alone means "no
 * daemon".
 */
export const NAME_TOKEN = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/** A commit, tree or blob id of a SHA-1 (40) or SHA-256 (64) repository, lower-case hex. */
export const GIT_SHA = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** A SHA-256 digest as 64 lower-case hex digits. */
export const SHA256 = /^[0-9a-f]{64}$/;

export const IsId = () => IsUUID('all', { message: '$property must be a UUID', ...code('BAD_ID') });

export const IsNameToken = () =>
  Matches(NAME_TOKEN, {
    message: '$property must be 1 to 64 letters, digits, "-" or "_", starting with a letter or digit',
    ...code('BAD_ID'),
  });

export const IsGitSha = () =>
  Matches(GIT_SHA, { message: '$property must be 40 or 64 lower-case hex digits', ...code('BAD_SHA') });

export const IsSha256 = () =>
  Matches(SHA256, { message: '$property must be a SHA-256 as 64 lower-case hex digits', ...code('BAD_SHA') });

export const IsCount = (max = Number.MAX_SAFE_INTEGER) => applyDecorators(IsInt(), Min(0), Max(max));

export const IsOrdinal = () => applyDecorators(IsInt(), Min(1), Max(2_147_483_647));

/**
 * The attempt that a checkpoint is of. 0: none, it was copied from the task that its own is a fork of.
 */
export const IsAttemptOfCheckpoint = () => IsCount(2_147_483_647);

export const IsText = (maxLength: number) => applyDecorators(IsString(), MaxLength(maxLength));

export const IsTimestamp = () => IsISO8601({ strict: true });

export const IsStrictBase64 = () =>
  IsBase64({}, { message: '$property must be standard base64 with padding', ...code('BAD_BASE64') });

/** The condition of {@link OrNull}, by which schema generators recognize it. */
export const isNotNull = (_object: object, value: unknown): boolean => value !== null;

/** The field is always present, and may be null. (`IsOptional` is for a field that may be absent.) */
export const OrNull = () => ValidateIf(isNotNull);
