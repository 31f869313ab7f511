import { applyDecorators } from '@nestjs/common';
import {
  IsBase64,
  IsInt,
  IsString,
  IsUUID,
  isISO8601,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateBy,
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

/** What a column of integers holds. */
const MAX_INTEGER = 2_147_483_647;

export const IsCount = (max = MAX_INTEGER) => applyDecorators(IsInt(), Min(0), Max(max));

export const IsOrdinal = () => applyDecorators(IsInt(), Min(1), Max(MAX_INTEGER));

/**
 * The attempt that a checkpoint is of. 0: none, it was copied from the task that its own is a fork of.
 */
export const IsAttemptOfCheckpoint = () => IsCount();

export const IsText = (maxLength: number) => applyDecorators(IsString(), MaxLength(maxLength));

/**
 * A date, or a date and a time with its zone. ISO 8601 also knows weeks and numbers of days, which neither
 * JavaScript nor Postgres reads.
 */
const TIMESTAMP =
  /^(?:19[7-9]|[2-9]\d\d)\d-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/;

function isTimestamp(value: unknown): boolean {
  return (
    typeof value === 'string' &&
    TIMESTAMP.test(value) &&
    isISO8601(value, { strict: true }) &&
    !Number.isNaN(Date.parse(value))
  );
}

/** A date, or a date and a time with its zone, from 1970 to 9999. */
export const IsTimestamp = () =>
  ValidateBy({
    name: 'isIso8601',
    validator: {
      validate: isTimestamp,
      defaultMessage: () => '$property must be a time such as 2026-01-23T01:02:03Z',
    },
  });

export const IsStrictBase64 = () =>
  IsBase64({}, { message: '$property must be standard base64 with padding', ...code('BAD_BASE64') });

/** The condition of {@link OrNull}, by which schema generators recognize it. */
export const isNotNull = (_object: object, value: unknown): boolean => value !== null;

/** The field is always present, and may be null. (`IsOptional` is for a field that may be absent.) */
export const OrNull = () => ValidateIf(isNotNull);
