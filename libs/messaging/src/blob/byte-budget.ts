interface Waiting {
  bytes: number;
  grant: () => void;
}

/**
 * Bounds the bytes that several pieces of work hold at once. Whoever asked first is served first, so that
 * nobody starves.
 */
export class ByteBudget {
  private freeBytes: number;
  private readonly waiting: Waiting[] = [];

  constructor(private readonly totalBytes: number) {
    this.freeBytes = totalBytes;
  }

  /**
   * Runs `work` while `bytes` of the budget are set aside for it; waits until they are free. What is larger
   * than the whole budget runs alone. Do not ask again inside of `work`: all of it is to be asked for at
   * once.
   */
  async hold<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    const held = Math.min(bytes, this.totalBytes);
    await this.take(held);
    try {
      return await work();
    } finally {
      this.freeBytes += held;
      this.serveWaiting();
    }
  }

  private take(bytes: number): Promise<void> {
    return new Promise((grant) => {
      this.waiting.push({ bytes, grant });
      this.serveWaiting();
    });
  }

  private serveWaiting(): void {
    while (this.waiting.length > 0 && this.waiting[0]!.bytes <= this.freeBytes) {
      const { bytes, grant } = this.waiting.shift()!;
      this.freeBytes -= bytes;
      grant();
    }
  }
}
