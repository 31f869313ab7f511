import { ContractError, type ErrorCode } from '#contracts';
import { GitError, type GitErrorCode } from '#git';
import { backoffMilliseconds } from '#runtime';
import { pause } from '../state/pause.js';

/**
 * - `checkpoint`: this checkpoint cannot be restored, another may
 * - `order`: no checkpoint of this task can be restored here, until somebody changes something
 * - `circumstance`: the same may work later: a server is away, a disk is full, or we do not know better
 */
export type RestoreFailure = 'checkpoint' | 'order' | 'circumstance';

const OF_THE_CHECKPOINT: ReadonlySet<ErrorCode | GitErrorCode> = new Set<ErrorCode | GitErrorCode>([
  'BASE_MISSING',
  'NO_BASE_COMMIT',
  'PATCH_EXPIRED',
  'PATCH_NOT_FOUND',
  'PATCH_INVALID',
  'PATCH_TOO_LARGE',
  'UNSAFE_PATH',
  'NOT_GZIP',
  'GZIP_CORRUPT',
  'SIZE_MISMATCH',
  'DIGEST_MISMATCH',
  'TREE_MISMATCH',
  'BAD_SHA',
]);

const OF_THE_CIRCUMSTANCES: ReadonlySet<GitErrorCode> = new Set<GitErrorCode>([
  'SOURCE_UNREACHABLE',
  'GIT_FAILED',
]);

/** Pure: what a failed restore says about the next try. */
export function judgeRestoreFailure(error: unknown): RestoreFailure {
  if (!(error instanceof GitError || error instanceof ContractError)) return 'circumstance';
  if (OF_THE_CHECKPOINT.has(error.code)) return 'checkpoint';
  return error instanceof GitError && OF_THE_CIRCUMSTANCES.has(error.code) ? 'circumstance' : 'order';
}

/**
 * Pure: whether what failed again and again may be the fault of this way to restore, so that another way is
 * worth a try.
 */
export function isPerhapsOfTheWay(error: unknown): boolean {
  return error instanceof GitError && error.code === 'GIT_FAILED';
}

/** About a minute: a source that restarts is back by then, and a task that cannot go on here is told soon. */
const TRIES = 6;
const RETRY = { baseMilliseconds: 2_000, maxMilliseconds: 30_000 };

/**
 * Does `work` again after failures of circumstance, each time a little later.
 *
 * @param onRetry told before each wait
 * @throws what `work` threw last, or at once when it is no failure of circumstance, or when the signal ends
 *   the wait
 */
export async function persist<T>(
  work: () => Promise<T>,
  onRetry: (error: Error) => void,
  signal: AbortSignal,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (judgeRestoreFailure(error) !== 'circumstance' || tries === TRIES) throw error;
      onRetry(error as Error);
      await pause(backoffMilliseconds(tries, RETRY), signal);
      if (signal.aborted) throw error;
    }
  }
}
