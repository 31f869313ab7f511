import { GitError } from '../run/git-error.js';
import { unknownReason, type OmissionReason } from '../values/omission.js';

/**
 * What git says when the failure is that of its store or index, and not of a file that it was to read. Lines
 * begin like this, or end with what the system says of a disk that takes nothing.
 */
const OF_THE_STORE = [
  /^(?:error|fatal): (?:unable|failed|could not|cannot) (?:to )?(?:write|create|append|lock|deflate|rename|fsync)\b/im,
  /^(?:error|fatal): (?:insufficient permission|file write error|error when closing|deflateEnd on object)/im,
  /^(?:error|fatal): (?:(?:unable|failed) to (?:read|write)(?: new)? index|not a git repository)/im,
  /^(?:error|fatal): (?:.*: )?(?:index file |bad (?:index|signature)|unknown index entry)/im,
  /: (?:no space left on device|disk quota exceeded|read-only file system|too many open files)$/im,
];

/**
 * Whether a call over many paths may have failed because of some of them, so that it is worth trying the
 * others. Where the store itself fails (disk full, index locked or corrupt), git cannot be started, or the
 * call was aborted, nothing else will work either.
 */
export function mayBeOnePath(error: unknown): error is GitError {
  if (!(error instanceof GitError) || error.code !== 'GIT_FAILED' || error.cause !== undefined) return false;
  return !OF_THE_STORE.some((pattern) => pattern.test(error.stderr));
}

/** Git's words on a path, without what it says of every one. */
export function reasonOf(error: GitError): OmissionReason {
  const lines = error.stderr
    .split('\n')
    .filter((line) => /^(?:error|fatal): /.test(line) && !line.startsWith('fatal: Unable to process path '))
    .map((line) => line.replace(/^\w+: /, ''));
  return unknownReason(lines.join('; '));
}

/** One item with which a call fails, and how. */
export interface Culprit<T> {
  item: T;
  error: GitError;
}

/**
 * Does something with all items; when that fails, with each half of them, until those with which it fails are
 * alone. Nothing is lost when it works at once, which is the rule.
 *
 * @throws what `attempt` throws, when that is not about single items
 */
export async function divide<T>(
  items: readonly T[],
  attempt: (some: readonly T[]) => Promise<void>,
): Promise<Culprit<T>[]> {
  if (items.length === 0) return [];
  try {
    await attempt(items);
    return [];
  } catch (error) {
    if (!mayBeOnePath(error)) throw error;
    if (items.length === 1) return [{ item: items[0]!, error }];
    const middle = items.length >> 1;
    const former = await divide(items.slice(0, middle), attempt);
    return [...former, ...(await divide(items.slice(middle), attempt))];
  }
}
