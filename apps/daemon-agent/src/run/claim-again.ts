import { Logger } from '@nestjs/common';
import { ContractError, type SpawnTask } from '#contracts';
import { backoffMilliseconds } from '#runtime';
import { pause } from '../state/pause.js';

const RETRY = { baseMilliseconds: 500, maxMilliseconds: 15_000 };

/**
 * Claims an attempt from patch-store.
 *
 * @throws ContractError when it is refused; anything else when patch-store did not answer
 */
export type Claim = (taskId: string, attempt: number) => Promise<unknown>;

/** `interrupted`: the wait was ended before there was an answer. */
export type ClaimOutcome =
  { outcome: 'granted' } | { outcome: 'refused'; refusal: ContractError } | { outcome: 'interrupted' };

/**
 * Claims an attempt that this daemon held before it was restarted, until patch-store answers: the task may
 * have been resumed elsewhere in the meantime.
 */
export async function claimAgain(
  claim: Claim,
  { taskId, attempt }: SpawnTask,
  signal: AbortSignal,
): Promise<ClaimOutcome> {
  const logger = new Logger('ClaimAgain');
  for (let tries = 1; !signal.aborted; tries += 1) {
    try {
      await claim(taskId, attempt);
      return { outcome: 'granted' };
    } catch (error) {
      if (error instanceof ContractError) return { outcome: 'refused', refusal: error };
      if (tries === 1) {
        logger.warn({
          msg: 'a task waits until patch-store answers its claim',
          taskId,
          attempt,
          err: error,
        });
      }
      await pause(backoffMilliseconds(tries, RETRY), signal);
    }
  }
  return { outcome: 'interrupted' };
}
