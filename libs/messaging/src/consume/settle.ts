import { ContractError } from '#contracts';
import { backoffMilliseconds, isOutage } from '#runtime';
import { RetryLater } from './retry-later.js';

/** What a handler did with a message. */
export type Outcome = { readonly kind: 'done' } | { readonly kind: 'threw'; readonly error: unknown };

/** What is to become of the message. */
export type Settlement =
  /** Hand it to the dead-letter handler, then see {@link settlementAfterDeadLetter}. */
  | { readonly kind: 'dead-letter'; readonly error: ContractError }
  /** Set it aside, where the app does that; otherwise it comes again from the stream. */
  | { readonly kind: 'wait'; readonly delayMilliseconds: number; readonly reason: string }
  | FinalSettlement;

export type FinalSettlement =
  /** Acknowledge it, and wait until the server confirms. */
  | { readonly kind: 'acknowledge' }
  /** Take it out of the stream for good. */
  | { readonly kind: 'terminate' }
  /** The same, although nothing is kept of it: not even a bare dead letter could be. */
  | { readonly kind: 'drop' }
  /** It was set aside: acknowledge it. */
  | { readonly kind: 'kept' }
  /** It could not be set aside, and its sender sends it again: take it out of the stream. */
  | { readonly kind: 'refused' }
  /** Let it come again, to any replica. `isFailure`: something is wrong that an operator may want to know. */
  | { readonly kind: 'retry'; readonly delayMilliseconds: number; readonly isFailure: boolean };

/**
 * What settles how:
 *
 * | the handler | the message |
 * |---|---|
 * | returned | is acknowledged |
 * | threw a ContractError | can never succeed: goes to the dead-letter handler, then is terminated |
 * | threw RetryLater | is set aside, and comes again after its delay |
 * | threw because of an outage (`isOutage`) | comes again after a growing delay, without end |
 * | threw anything else, {@link HANDLING_TRIES} times in a row | is at fault itself: a dead letter |
 *
 * @param deliveryCount 1 for the first delivery
 */
export function settlementOf(outcome: Outcome, deliveryCount: number): Settlement {
  if (outcome.kind === 'done') return { kind: 'acknowledge' };
  const { error } = outcome;
  if (error instanceof ContractError) return { kind: 'dead-letter', error };
  if (error instanceof RetryLater) {
    return { kind: 'wait', delayMilliseconds: error.delayMilliseconds, reason: error.message };
  }
  if (!isOutage(error)) return { kind: 'dead-letter', error: handlingFailed(error) };
  return { kind: 'retry', delayMilliseconds: retryDelayMilliseconds(deliveryCount), isFailure: true };
}

/** How often a message is handled in a row before an error that is no outage counts as its own. */
export const HANDLING_TRIES = 3;

/**
 * Whether a handler that threw this is called again at once: it is neither a judgement nor an outage, and may
 * have been a coincidence. Trying in place makes the bound hold with any number of replicas, and keeps the
 * message from waiting in one of the consumer's places.
 */
export function isWorthAnotherTry(error: unknown): boolean {
  return !(error instanceof ContractError || error instanceof RetryLater || isOutage(error));
}

/** The pause after a failed try in place: 50 ms, then 250. */
export function pauseMilliseconds(failedTries: number): number {
  return failedTries === 1 ? 50 : 250;
}

function handlingFailed(cause: unknown): ContractError {
  const name = cause instanceof Error ? cause.name : typeof cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new ContractError(
    'HANDLING_FAILED',
    `Handling the message failed ${HANDLING_TRIES} times, through no outage: ${name}: ${message}`,
    undefined,
    { cause },
  );
}

/** How much of a message a dead letter keeps; `bare`: nothing that could be what made keeping it fail. */
export type LetterForm = 'whole' | 'bare';

/**
 * A message leaves the stream only when its dead letter is kept; while an outage prevents that, burying it is
 * tried again, as any work is. Whatever else fails is the fault of the message: it is kept bare, and if even
 * that fails it is dropped, with a line in the log.
 */
export function settlementAfterDeadLetter(
  outcome: Outcome,
  deliveryCount: number,
  form: LetterForm,
): FinalSettlement | { readonly kind: 'bury-bare' } {
  if (outcome.kind === 'done') return { kind: 'terminate' };
  if (isOutage(outcome.error)) {
    return { kind: 'retry', delayMilliseconds: retryDelayMilliseconds(deliveryCount), isFailure: true };
  }
  return form === 'whole' ? { kind: 'bury-bare' } : { kind: 'drop' };
}

/** About 0.25 s after the first delivery, doubling to at most a minute, spread by a random half. */
export function retryDelayMilliseconds(deliveryCount: number, random?: () => number): number {
  return backoffMilliseconds(deliveryCount, { baseMilliseconds: 500, maxMilliseconds: 60_000 }, random);
}
