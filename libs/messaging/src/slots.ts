/** Bounds how many pieces of work run at once. */
export class Slots {
  private taken = 0;
  private readonly waiting: (() => void)[] = [];
  private idle: (() => void)[] = [];

  constructor(private readonly size: number) {}

  /** Resolves when a slot is taken for the caller, in the order of asking. */
  async take(): Promise<void> {
    if (this.taken < this.size) {
      this.taken++;
      return;
    }
    await new Promise<void>((resolve) => {
      this.waiting.push(resolve);
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
    if (this.taken === 0) this.idle.splice(0).forEach((resolve) => resolve());
  }

  /** Resolves when no slot is taken. */
  async allFree(): Promise<void> {
    if (this.taken === 0) return;
    await new Promise<void>((resolve) => {
      this.idle.push(resolve);
    });
  }
}
