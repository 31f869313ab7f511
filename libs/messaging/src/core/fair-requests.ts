import { Semaphore } from '../semaphore.js';

/** Requests of one daemon that one process answers at once, and that wait for that. */
const AT_ONCE = 4;
const WAITING = 64;

/** A daemon asks for more than is answered to one. The same request may succeed later. */
export class TooManyRequestsError extends Error {
  override readonly name = 'TooManyRequestsError';
}

/** Bounds the requests of each daemon, so that one that asks without end leaves room for the others. */
export class FairRequests {
  private readonly senders = new Map<string, { slots: Semaphore; open: number }>();

  /**
   * @returns what `answer` returns, once it is the turn of this request
   * @throws TooManyRequestsError when too many of its sender wait; and what `answer` throws
   */
  async run<T>(sender: string, answer: () => Promise<T>): Promise<T> {
    const known = this.senders.get(sender) ?? { slots: new Semaphore(AT_ONCE), open: 0 };
    if (known.open >= AT_ONCE + WAITING) {
      throw new TooManyRequestsError(`More than ${WAITING} requests of this daemon wait.`);
    }
    this.senders.set(sender, known);
    known.open++;
    await known.slots.take();
    try {
      return await answer();
    } finally {
      known.slots.release();
      known.open--;
      if (known.open === 0) this.senders.delete(sender);
    }
  }
}
