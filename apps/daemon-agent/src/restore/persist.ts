import { ContractError } from '#contracts';
import { judgeFailure } from '#git';
import { backoffMilliseconds } from '#runtime';
import { pause } from '../state/pause.js';

const isRefusal = (error: unknown): boolean => error instanceof ContractError;

/**
 * About a minute: a source that restarts is back by then, and a task that cannot continue here still fails
 * soon.
 */
const TRIES = 6;
const RETRY = { baseMilliseconds: 2_000, maxMilliseconds: 30_000 };

/**
 * Repeats `work` after temporary failures, with increasing delays.
 *
 * @param onRetry called before each wait
 * @throws what `work` threw last; at once if the failure is not temporary, or if the signal ends the wait
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
      if (judgeFailure(error, isRefusal) !== 'circumstance' || tries === TRIES) throw error;
      onRetry(error as Error);
      await pause(backoffMilliseconds(tries, RETRY), signal);
      if (signal.aborted) throw error;
    }
  }
}
