/** Bounds how many pieces of work run at once. */
export class Semaphore {
  private taken = 0;
  private readonly waiting: (() => void)[] = [];
  private readonly idle: (() => void)[] = [];

  constructor(private readonly size: number) {}

  /**
   * Takes a slot, when one is free, in the order of asking.
   *
   * @param signal ends the wait
   * @returns whether a slot was taken; without a signal always true
   */
  async take(signal?: AbortSignal): Promise<boolean> {
    if (signal?.aborted) return false;
    if (this.taken < this.size) {
      this.taken++;
      return true;
    }
    return new Promise<boolean>((resolve) => {
      const giveUp = (): void => {
        this.waiting.splice(this.waiting.indexOf(grant), 1);
        resolve(false);
      };
      const grant = (): void => {
        signal?.removeEventListener('abort', giveUp);
        resolve(true);
      };
      this.waiting.push(grant);
      signal?.addEventListener('abort', giveUp, { once: true });
    });
  }

  /** Gives a slot back; to whoever waits longest. */
  release(): void {
    const next = this.waiting.shift();
    if (next) {
      next();
      return;
    }
    this.taken--;
    if (this.taken === 0) for (const resolve of this.idle.splice(0)) resolve();
  }

  /** Resolves when no slot is taken. */
  async allFree(): Promise<void> {
    if (this.taken === 0) return;
    await new Promise<void>((resolve) => {
      this.idle.push(resolve);
    });
  }
}
