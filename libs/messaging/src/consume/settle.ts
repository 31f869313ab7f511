import { ContractError } from '#contracts';
import { backoffMilliseconds } from '#runtime';
import { RetryLater } from './retry-later.js';

/** What a handler did with a message. */
export type Outcome = { readonly kind: 'done' } | { readonly kind: 'threw'; readonly error: unknown };

/** What is to become of the message. */
export type Settlement =
  /** Hand it to the dead-letter handler, then see {@link settlementAfterDeadLetter}. */
  { readonly kind: 'dead-letter'; readonly error: ContractError } | FinalSettlement;

export type FinalSettlement =
  /** Acknowledge it, and wait until the server confirms. */
  | { readonly kind: 'acknowledge' }
  /** Take it out of the stream for good. */
  | { readonly kind: 'terminate' }
  /** Let it come again, to any replica. `isFailure`: something is wrong that an operator may want to know. */
  | { readonly kind: 'retry'; readonly delayMilliseconds: number; readonly isFailure: boolean };

/**
 * What settles how:
 *
 * | the handler | the message |
 * |---|---|
 * | returned | is acknowledged |
 * | threw a ContractError | can never succeed: goes to the dead-letter handler, then is terminated |
 * | threw RetryLater | comes again after its delay |
 * | threw anything else | comes again after a growing delay, without end |
 *
 * @param deliveryCount 1 for the first delivery
 */
export function settlementOf(outcome: Outcome, deliveryCount: number): Settlement {
  if (outcome.kind === 'done') return { kind: 'acknowledge' };
  const { error } = outcome;
  if (error instanceof ContractError) return { kind: 'dead-letter', error };
  if (error instanceof RetryLater) {
    return { kind: 'retry', delayMilliseconds: error.delayMilliseconds, isFailure: false };
  }
  return { kind: 'retry', delayMilliseconds: retryDelayMilliseconds(deliveryCount), isFailure: true };
}

/**
 * A message leaves the stream only when its dead letter is kept; until then burying it is tried again, as any
 * work is.
 */
export function settlementAfterDeadLetter(outcome: Outcome, deliveryCount: number): FinalSettlement {
  if (outcome.kind === 'done') return { kind: 'terminate' };
  return { kind: 'retry', delayMilliseconds: retryDelayMilliseconds(deliveryCount), isFailure: true };
}

/** About 0.25 s after the first delivery, doubling to at most a minute, spread by a random half. */
export function retryDelayMilliseconds(deliveryCount: number, random?: () => number): number {
  return backoffMilliseconds(deliveryCount, { baseMilliseconds: 500, maxMilliseconds: 60_000 }, random);
}
