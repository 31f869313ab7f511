/**
 * Every reason for which Patchpoint refuses an input. A code is part of the public contract: it is never
 * renamed, and it is the same in a dead letter, a checkpoint-rejected event, an HTTP problem, a NATS error
 * reply and the CLI.
 */
export const ERROR_CODES = [
  'BAD_JSON',
  'MESSAGE_TOO_LARGE',
  'TOO_DEEP',
  'TOO_MANY_VALUES',
  'DUPLICATE_KEY',
  'BAD_NUMBER',
  'UNSUPPORTED_VERSION',
  'FIELD_INVALID',
  'BAD_ID',
  'IDENTITY_MISMATCH',
  'TASK_NOT_FOUND',
  'PATCH_NOT_FOUND',
  'CHECKPOINT_NOT_FOUND',
  'CONVERSATION_NOT_FOUND',
  'DEAD_LETTER_NOT_FOUND',
  'TASK_STATE_CONFLICT',
  'ATTEMPT_SUPERSEDED',
  'TASK_ALREADY_CLAIMED',
  'TASK_ALREADY_RUNNING',
  'BAD_SHA',
  'BAD_BASE64',
  'NOT_GZIP',
  'GZIP_CORRUPT',
  'PATCH_TOO_LARGE',
  'SIZE_MISMATCH',
  'DIGEST_MISMATCH',
  'BLOB_MISSING',
  'EVENT_CONFLICT',
  'HANDLING_FAILED',
  'TOO_MANY_WAITING',
  'DEAD_LETTER_CUT',
  'BAD_TEXT',
  'PATCH_INVALID',
  'UNSAFE_PATH',
  'BASE_MISSING',
  'NO_BASE_COMMIT',
  'PROTOCOL_FORBIDDEN',
  'BAD_URL',
  'BAD_REF',
  'CREDENTIALS_IN_URL',
  'GIT_AUTH_FAILED',
  'PATCH_EXPIRED',
  'IDEMPOTENCY_KEY_REUSED',
  'IDEMPOTENCY_KEY_IN_PROGRESS',
  'TOO_MANY_STREAMS',
  'SCOPE_MISSING',
  'CONFINED',
  'TOKEN_NOT_FOUND',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** True for a string that is one of {@link ERROR_CODES}. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && (ERROR_CODES as readonly string[]).includes(value);
}
