import { setTimeout as sleep } from 'node:timers/promises';
import type { ContractError } from '#contracts';
import type { ConsumedMessage } from './consumed-message.js';
import {
  HANDLING_TRIES,
  isWorthAnotherTry,
  pauseMilliseconds,
  settlementAfterDeadLetter,
  settlementOf,
  type FinalSettlement,
  type LetterForm,
  type Outcome,
} from './settle.js';

/** A message that can never succeed, and why. */
export interface Poison {
  readonly message: ConsumedMessage;
  readonly error: ContractError;
  /** `bare`: keeping it whole has failed. Keep nothing that the message itself says. */
  readonly form: LetterForm;
}

/** A message that waits for something, or for its sender's turn. */
export interface Aside {
  readonly message: ConsumedMessage;
  readonly reason: string;
  readonly delayMilliseconds: number;
}

/**
 * `kept`: it comes again from where it is kept, and is settled here. `refused`: its sender has too much there
 * already, and sends it again later.
 */
export type AsideOutcome = 'kept' | 'refused';

/** What an app does with messages: its work, keeping what can never succeed, and keeping what waits. */
export interface MessageHandlers {
  readonly handle: (message: ConsumedMessage) => Promise<unknown>;
  /**
   * Keeps a dead letter. When it throws because of an outage, the message comes again; for anything else it
   * is called once more, for a bare one. May run more than once for one message.
   */
  readonly deadLetter: (poison: Poison) => Promise<unknown>;
  /**
   * Keeps a message that waits, so that it holds none of the consumer's places. Without it, what waits stays
   * in the stream. A ContractError: it is a dead letter instead.
   */
  readonly setAside?: ((aside: Aside) => Promise<AsideOutcome>) | undefined;
}

/**
 * How a message ended, for logs and counters. `postponed`: it comes again, from the stream or from where it
 * was set aside. `refused`: it could not be set aside, and its sender sends it again. `dropped`: not even a
 * bare dead letter could be kept. `unconfirmed`: acknowledged, but the server did not say so; it may come
 * again.
 */
export type SettledAs =
  'acknowledged' | 'dead-lettered' | 'dropped' | 'retried' | 'postponed' | 'refused' | 'unconfirmed';

export interface Settled {
  readonly as: SettledAs;
  /** What made it so. */
  readonly error?: unknown;
}

/**
 * Handles one message and settles it as settle.ts says. Never throws.
 *
 * @returns how it ended, and the error that made it so
 */
export async function handleAndSettle(message: ConsumedMessage, handlers: MessageHandlers): Promise<Settled> {
  const outcome = await outcomeOf(() => handlers.handle(message));
  const settlement = settlementOf(outcome, message.deliveryCount);
  if (settlement.kind === 'wait') {
    const { reason, delayMilliseconds } = settlement;
    return setAsideAndSettle({ message, reason, delayMilliseconds }, handlers);
  }
  if (settlement.kind !== 'dead-letter') return execute(message, settlement, outcome);
  return bury({ message, error: settlement.error, form: 'whole' }, handlers, outcome);
}

/** Settles a message that waits. Never throws. */
export async function setAsideAndSettle(aside: Aside, handlers: MessageHandlers): Promise<Settled> {
  const { message, delayMilliseconds } = aside;
  const { setAside } = handlers;
  if (!setAside) return execute(message, { kind: 'retry', delayMilliseconds, isFailure: false });
  let kept: AsideOutcome = 'kept';
  const outcome = await outcomeOf(async () => {
    kept = await setAside(aside);
  });
  if (outcome.kind === 'done') return execute(message, { kind: kept });
  const settlement = settlementOf(outcome, message.deliveryCount);
  if (settlement.kind === 'dead-letter') {
    return bury({ message, error: settlement.error, form: 'whole' }, handlers, outcome);
  }
  return execute(message, settlement as FinalSettlement, outcome);
}

async function bury(poison: Poison, handlers: MessageHandlers, outcome: Outcome): Promise<Settled> {
  const { message } = poison;
  const kept = await outcomeOf(() => handlers.deadLetter(poison));
  const settlement = settlementAfterDeadLetter(kept, message.deliveryCount, poison.form);
  if (settlement.kind === 'bury-bare') return bury({ ...poison, form: 'bare' }, handlers, outcome);
  return execute(message, settlement, kept.kind === 'threw' ? kept : outcome);
}

async function outcomeOf(work: () => Promise<unknown>): Promise<Outcome> {
  for (let tries = 1; ; tries++) {
    try {
      await work();
      return { kind: 'done' };
    } catch (error) {
      if (tries === HANDLING_TRIES || !isWorthAnotherTry(error)) return { kind: 'threw', error };
      await sleep(pauseMilliseconds(tries));
    }
  }
}

async function execute(
  message: ConsumedMessage,
  settlement: FinalSettlement,
  outcome?: Outcome,
): Promise<Settled> {
  const error = outcome?.kind === 'threw' ? outcome.error : undefined;
  try {
    switch (settlement.kind) {
      case 'acknowledge':
        await message.acknowledge();
        return { as: 'acknowledged' };
      case 'kept':
        // Nobody waits for the server's word: what comes again is kept already.
        await message.terminate();
        return { as: 'postponed' };
      case 'refused':
        await message.terminate();
        return { as: 'refused' };
      case 'terminate':
        await message.terminate();
        return { as: 'dead-lettered', error };
      case 'drop':
        await message.terminate();
        return { as: 'dropped', error };
      case 'retry':
        await message.retry(settlement.delayMilliseconds);
        return { as: settlement.isFailure ? 'retried' : 'postponed', error };
    }
  } catch (error) {
    // The connection is lost: the server delivers the message again after the ack wait.
    return { as: 'unconfirmed', error };
  }
}
