import type { ErrorCode, Problem } from '#contracts';

/** Pure: the answer to a refusal. */
export function problemOfCode(code: ErrorCode | 'INTERNAL', detail: string, path?: string): Problem {
  return {
    type: `urn:patchpoint:problem:${code}`,
    title: titleOf(code),
    status: code === 'INTERNAL' ? 500 : statusOfCode(code),
    detail,
    code,
    ...(path !== undefined && { path }),
  };
}

/** The HTTP status with which a refusal is answered. */
export function statusOfCode(code: ErrorCode): number {
  switch (code) {
    case 'TASK_NOT_FOUND':
    case 'PATCH_NOT_FOUND':
    case 'CHECKPOINT_NOT_FOUND':
    case 'CONVERSATION_NOT_FOUND':
    case 'DEAD_LETTER_NOT_FOUND':
    case 'TOKEN_NOT_FOUND':
      return 404;
    case 'TASK_STATE_CONFLICT':
    case 'ATTEMPT_SUPERSEDED':
    case 'TASK_ALREADY_CLAIMED':
    case 'TASK_ALREADY_RUNNING':
    case 'EVENT_CONFLICT':
    case 'DEAD_LETTER_CUT':
    case 'IDEMPOTENCY_KEY_IN_PROGRESS':
      return 409;
    case 'PATCH_EXPIRED':
      return 410;
    case 'PATCH_TOO_LARGE':
    case 'MESSAGE_TOO_LARGE':
      return 413;
    case 'IDEMPOTENCY_KEY_REUSED':
      return 422;
    case 'IDENTITY_MISMATCH':
    case 'SCOPE_MISSING':
    case 'CONFINED':
      return 403;
    case 'TOO_MANY_STREAMS':
      return 503;
    default:
      return 400;
  }
}

/** `TASK_NOT_FOUND` → `Task not found` */
function titleOf(code: string): string {
  const words = code.toLowerCase().replaceAll('_', ' ');
  return words[0]!.toUpperCase() + words.slice(1);
}
