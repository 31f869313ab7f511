import type { CaptureFailure } from '../state/task-record.js';

/**
 * One unchanged worktree proves nothing: on a full disk, every other capture of an idle one ends so. Two in a
 * row do: all that it holds was captured before.
 */
const UNCHANGED_THAT_PROVE = 2;

/**
 * Pure: what is known of a task's captures after one more.
 *
 * @returns undefined: they work
 */
export function captureHealth(
  before: CaptureFailure | undefined,
  newest: 'spooled' | 'unchanged' | Error,
  now: Date,
): CaptureFailure | undefined {
  if (newest instanceof Error) {
    return { since: before?.since ?? now.toISOString(), reason: reasonOf(newest), unchangedCount: 0 };
  }
  if (newest === 'spooled' || before === undefined) return undefined;
  const unchangedCount = before.unchangedCount + 1;
  return unchangedCount < UNCHANGED_THAT_PROVE ? { ...before, unchangedCount } : undefined;
}

/** One line of at most 500 characters, as messages carry it, with the error's code at its beginning. */
function reasonOf({ message, code }: Error & { code?: unknown }): string {
  const prefix = typeof code === 'string' && !message.startsWith(code) ? `${code}: ` : '';
  const line = `${prefix}${message}`.replaceAll(/\s+/g, ' ').trim();
  return line === '' ? 'unknown' : line.slice(0, 500);
}
