import type { ContractError } from '#contracts';
import type { ConsumedMessage } from './consumed-message.js';
import { settlementAfterDeadLetter, settlementOf, type Outcome, type FinalSettlement } from './settle.js';

/** A message that can never succeed, and why. */
export interface Poison {
  readonly message: ConsumedMessage;
  readonly error: ContractError;
}

/** The two things an app does with messages: its work, and keeping what can never succeed. */
export interface MessageHandlers {
  readonly handle: (message: ConsumedMessage) => Promise<unknown>;
  /** Keeps a dead letter. When it throws, the message comes again. May run more than once for one message. */
  readonly deadLetter: (poison: Poison) => Promise<unknown>;
}

/**
 * How a message ended, for logs and counters. `unconfirmed`: acknowledged, but the server did not say so; it
 * may come again.
 */
export type SettledAs = 'acknowledged' | 'dead-lettered' | 'retried' | 'postponed' | 'unconfirmed';

/**
 * Handles one message and settles it as settle.ts says. Never throws.
 *
 * @returns how it ended, and the error that made it so
 */
export async function handleAndSettle(
  message: ConsumedMessage,
  { handle, deadLetter }: MessageHandlers,
): Promise<{ as: SettledAs; error?: unknown }> {
  const outcome = await outcomeOf(() => handle(message));
  const settlement = settlementOf(outcome, message.deliveryCount);
  if (settlement.kind !== 'dead-letter') return execute(message, settlement, outcome);
  const { error } = settlement;
  const kept = await outcomeOf(() => deadLetter({ message, error }));
  return execute(
    message,
    settlementAfterDeadLetter(kept, message.deliveryCount),
    kept.kind === 'threw' ? kept : outcome,
  );
}

async function outcomeOf(work: () => Promise<unknown>): Promise<Outcome> {
  try {
    await work();
    return { kind: 'done' };
  } catch (error) {
    return { kind: 'threw', error };
  }
}

async function execute(
  message: ConsumedMessage,
  settlement: FinalSettlement,
  outcome: Outcome,
): Promise<{ as: SettledAs; error?: unknown }> {
  const error = outcome.kind === 'threw' ? outcome.error : undefined;
  try {
    switch (settlement.kind) {
      case 'acknowledge':
        await message.acknowledge();
        return { as: 'acknowledged' };
      case 'terminate':
        message.terminate();
        return { as: 'dead-lettered', error };
      case 'retry':
        message.retry(settlement.delayMilliseconds);
        return { as: settlement.isFailure ? 'retried' : 'postponed', error };
    }
  } catch (error) {
    // The connection is lost: the server delivers the message again after the ack wait.
    return { as: 'unconfirmed', error };
  }
}
