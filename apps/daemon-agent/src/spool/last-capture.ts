import type { ErrorCode } from '#contracts';
import type { LastCapture, TaskRecord } from '../state/task-record.js';

/**
 * Rejections of bytes that differ from what was captured: another capture of the same worktree may succeed.
 */
const DAMAGED_ON_ITS_WAY: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'BAD_JSON',
  'BAD_BASE64',
  'NOT_GZIP',
  'GZIP_CORRUPT',
  'SIZE_MISMATCH',
  'DIGEST_MISMATCH',
  'BLOB_MISSING',
]);

/**
 * Pure: the state that the next capture is compared with, to see whether anything changed. None when that
 * capture was lost before it was stored: then the worktree is captured again, changed or not.
 */
export function reliableCapture(
  record: TaskRecord,
  isSpooled: (eventId: string) => boolean,
): LastCapture | undefined {
  const last = record.lastCapture;
  return last && (last.settled === true || isSpooled(last.eventId)) ? last : undefined;
}

/** Pure: what to remember when the task's last capture is stored. */
export function afterStored(last: LastCapture): Partial<TaskRecord> {
  return { lastCapture: { ...last, settled: true }, recapturedTreeSha: undefined };
}

/**
 * Pure: what to remember when the task's last capture was rejected: the worktree is captured again if that
 * may help, but the same tree only once.
 */
export function afterRejected(
  last: LastCapture,
  code: ErrorCode,
  recapturedTreeSha: string | undefined,
): Partial<TaskRecord> {
  const isWorthAnother = DAMAGED_ON_ITS_WAY.has(code) && recapturedTreeSha !== last.treeSha;
  if (isWorthAnother) return { lastCapture: undefined, recapturedTreeSha: last.treeSha };
  return { lastCapture: { ...last, settled: true } };
}
