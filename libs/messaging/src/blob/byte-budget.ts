interface Waiting {
  holder: string;
  bytes: number;
  grant: () => void;
}

/**
 * Bounds the bytes that several pieces of work hold at once, and that those of one holder do. Whoever asked
 * first is served first, except that a holder that has its share waits for its own.
 */
export class ByteBudget {
  private freeBytes: number;
  private readonly held = new Map<string, number>();
  private readonly waiting: Waiting[] = [];

  /** @param shareBytes what one holder may have of `totalBytes` */
  constructor(
    private readonly totalBytes: number,
    private readonly shareBytes = totalBytes,
  ) {
    this.freeBytes = totalBytes;
  }

  /**
   * Runs `work` while `bytes` of the budget are set aside for it; waits until they are free. What is larger
   * than the whole budget runs alone. Do not ask again inside of `work`: all of it is to be asked for at
   * once.
   */
  async hold<T>(holder: string, bytes: number, work: () => Promise<T>): Promise<T> {
    const held = Math.min(bytes, this.totalBytes);
    await this.take(holder, held);
    try {
      return await work();
    } finally {
      this.give(holder, -held);
      this.serveWaiting();
    }
  }

  private take(holder: string, bytes: number): Promise<void> {
    return new Promise((grant) => {
      this.waiting.push({ holder, bytes, grant });
      this.serveWaiting();
    });
  }

  private serveWaiting(): void {
    for (let next = this.nextIndex(); next >= 0; next = this.nextIndex()) {
      const [{ holder, bytes, grant }] = this.waiting.splice(next, 1) as [Waiting];
      this.give(holder, bytes);
      grant();
    }
  }

  /** The first that is below its share, if there is room for it now; -1: none. */
  private nextIndex(): number {
    const index = this.waiting.findIndex(({ holder, bytes }) => this.isBelowShare(holder, bytes));
    return index >= 0 && this.waiting[index]!.bytes <= this.freeBytes ? index : -1;
  }

  /** A holder that has nothing may take more than its share at once. */
  private isBelowShare(holder: string, bytes: number): boolean {
    const held = this.held.get(holder) ?? 0;
    return held === 0 || held + bytes <= this.shareBytes;
  }

  private give(holder: string, bytes: number): void {
    this.freeBytes -= bytes;
    const held = (this.held.get(holder) ?? 0) + bytes;
    if (held > 0) this.held.set(holder, held);
    else this.held.delete(holder);
  }
}
