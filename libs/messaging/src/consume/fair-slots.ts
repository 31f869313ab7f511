import { Semaphore } from '../semaphore.js';

/** How long the queue waits, once, for a sender that holds its whole share. */
const PATIENCE_MILLISECONDS = 250;

/** So many messages behind one make waiting for its sender too long for the others. */
const TOO_MANY_BEHIND = 512;

/** What to do with the next message. `aside`: its sender has its share already, and others wait behind. */
export type Admission = 'admitted' | 'aside' | 'given-up';

/**
 * Bounds how many messages are handled at once, and how many of them may be of one sender. The messages come
 * in one queue, so a sender that has its share must not make the queue wait: what it sent beyond is set
 * aside.
 */
export class FairSlots {
  private readonly slots: Semaphore;
  private readonly held = new Map<string, number>();
  /** Senders that kept the queue waiting: not again before they hold less than half of their share. */
  private readonly slow = new Set<string>();
  private readonly freed = new Set<() => void>();
  private readonly share: number;

  /** @param share what one sender may hold of `size`; 1: all of it, and nothing is ever set aside */
  constructor(size: number, share: number) {
    this.slots = new Semaphore(size);
    this.share = share === 1 ? Infinity : Math.max(1, Math.floor(size * share));
  }

  /**
   * Takes a slot for a message of `sender`; waits while none is free, and for a short time while the sender
   * holds its share.
   *
   * @param signal ends the wait: `given-up`
   */
  async admit(sender: string, messagesBehind: number, signal: AbortSignal): Promise<Admission> {
    if (this.hasShare(sender) && !(await this.waitForShare(sender, messagesBehind, signal))) {
      return signal.aborted ? 'given-up' : 'aside';
    }
    if (!(await this.slots.take(signal))) return 'given-up';
    this.held.set(sender, this.heldBy(sender) + 1);
    return 'admitted';
  }

  /** Gives back a slot of `sender`. */
  release(sender: string): void {
    const left = this.heldBy(sender) - 1;
    if (left > 0) this.held.set(sender, left);
    else this.held.delete(sender);
    if (left < this.share / 2) this.slow.delete(sender);
    this.slots.release();
    for (const look of this.freed) look();
  }

  /** Resolves when no slot is taken. */
  allFree(): Promise<void> {
    return this.slots.allFree();
  }

  private async waitForShare(sender: string, messagesBehind: number, signal: AbortSignal): Promise<boolean> {
    if (messagesBehind > TOO_MANY_BEHIND || this.slow.has(sender) || signal.aborted) return false;
    const isFree = await new Promise<boolean>((resolve) => {
      const end = (isFree: boolean): void => {
        clearTimeout(timer);
        this.freed.delete(look);
        signal.removeEventListener('abort', giveUp);
        resolve(isFree);
      };
      const look = (): void => {
        if (!this.hasShare(sender)) end(true);
      };
      const giveUp = (): void => end(false);
      const timer = setTimeout(giveUp, PATIENCE_MILLISECONDS);
      this.freed.add(look);
      signal.addEventListener('abort', giveUp, { once: true });
    });
    if (!isFree) this.slow.add(sender);
    return isFree;
  }

  private hasShare(sender: string): boolean {
    return this.heldBy(sender) >= this.share;
  }

  private heldBy(sender: string): number {
    return this.held.get(sender) ?? 0;
  }
}
