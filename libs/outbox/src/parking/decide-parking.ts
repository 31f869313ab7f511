import type { ParkedAmount } from '#database';

/**
 * What may be parked of one daemon: more than a daemon that was cut off for an hour has, and what its spool
 * keeps anyway.
 */
export const MOST_PER_DAEMON: ParkedAmount = { messages: 4096, bytes: 64 * 1024 * 1024 };

/** Of all daemons together. */
export const MOST_IN_ALL: ParkedAmount = { messages: 65_536, bytes: 1024 * 1024 * 1024 };

/** A message, as far as the bounds go. */
export interface ToPark {
  daemonId: string;
  sizeBytes: number;
}

/**
 * Pure: which of these messages, in their order, fit beside what is parked already.
 *
 * @param parked of each daemon
 */
export function decideParking(
  messages: readonly ToPark[],
  parked: ReadonlyMap<string, ParkedAmount>,
): boolean[] {
  const amounts = new Map(parked);
  return messages.map(({ daemonId, sizeBytes }) => {
    const before = amounts.get(daemonId) ?? { messages: 0, bytes: 0 };
    const after = { messages: before.messages + 1, bytes: before.bytes + sizeBytes };
    if (isMore(after, MOST_PER_DAEMON)) return false;
    amounts.set(daemonId, after);
    return true;
  });
}

/** Pure: whether an amount is over a bound. */
export function isMore(amount: ParkedAmount, bound: ParkedAmount): boolean {
  return amount.messages > bound.messages || amount.bytes > bound.bytes;
}
