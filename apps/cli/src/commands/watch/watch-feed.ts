import type { WatchMessage } from '#contracts';

/** How long a checkpoint may wait for Postgres before people are notified. */
const UNCONFIRMED_SECONDS = 15;

type Started = Extract<WatchMessage, { type: 'watch-started' }>;
type Ended = Extract<WatchMessage, { type: 'watch-ended' }>;
type Stored = Extract<WatchMessage, { type: 'checkpoint-stored' }>['checkpoint'];

export interface WatchListener {
  stored: (checkpoint: Stored) => void;
  /** Captured while there is no server. */
  kept: (unconfirmedCount: number) => void;
  warn: (text: string) => void;
}

interface Waiter {
  isTrue: () => boolean;
  resolve: () => void;
  timer?: NodeJS.Timeout;
}

/** Receives the daemon's messages about the worktree, and keeps what the end of the command depends on. */
export class WatchFeed {
  readonly ended: Promise<Ended>;
  newest: Stored | undefined;
  storedCount = 0;
  unconfirmedCount = 0;
  /** What captures the worktree now; undefined: nothing does. */
  watch: Started | undefined;
  /** Of the newest watch; undefined: nothing was captured yet. */
  attempt: number | undefined;
  hasEnded = false;
  handOvers = 0;
  isConnected = false;
  /** The tasks of what waited on this disk when the connection was made. */
  waitingTaskIds: readonly string[] = [];
  /** There is no server since then: that is known, and no reason to warn. */
  cutOffSince: Date | undefined;
  private warnLate: NodeJS.Timeout | undefined;
  private resolveEnded!: (message: Ended) => void;
  private waiting: Waiter[] = [];

  constructor(private readonly listener: WatchListener) {
    this.ended = new Promise((resolve) => (this.resolveEnded = resolve));
  }

  get isCutOff(): boolean {
    return this.cutOffSince !== undefined;
  }

  hear(message: WatchMessage): void {
    switch (message.type) {
      case 'connection':
        this.isConnected = message.isConnected;
        this.waitingTaskIds = message.waitingTaskIds;
        break;
      case 'watch-started':
        this.watch = message;
        this.attempt = message.attempt;
        break;
      case 'handed-over':
        this.handOvers += 1;
        this.watch = undefined;
        break;
      case 'checkpoint-stored':
        this.newest = message.checkpoint;
        this.storedCount += 1;
        this.listener.stored(message.checkpoint);
        break;
      case 'said':
        this.listener.warn(message.line);
        break;
      case 'watch-ended':
        this.watch = undefined;
        this.hasEnded = true;
        this.resolveEnded(message);
        break;
      case 'checkpoint-captured':
        if (this.isCutOff) this.listener.kept(message.unconfirmedCount);
        break;
      default:
        return; // progress, and messages of an app to the process that started it
    }
    this.count(message.unconfirmedCount);
    this.check();
  }

  /** Another process watches from now on. */
  moved(): void {
    this.watch = undefined;
    this.isConnected = false;
  }

  /**
   * Resolves as soon as that is true, after the message that made it so.
   *
   * @param seconds resolves after that time in any case
   */
  async until(isTrue: () => boolean, seconds?: number): Promise<void> {
    if (isTrue()) return;
    await new Promise<void>((resolve) => {
      const waiter: Waiter = { isTrue, resolve };
      if (seconds !== undefined) waiter.timer = setTimeout(() => this.settle([waiter]), seconds * 1000);
      this.waiting.push(waiter);
    });
  }

  /** Looks again whether it is true, for something that no message said. */
  check(): void {
    this.settle(this.waiting.filter(({ isTrue }) => isTrue()));
  }

  /** Resolves when everything that was captured is stored, as far as is known now. */
  async allStored(): Promise<void> {
    await this.until(() => this.unconfirmedCount === 0);
  }

  /** Nothing is shown any more because of time. */
  close(): void {
    clearTimeout(this.warnLate);
    this.warnLate = undefined;
  }

  private settle(waiters: readonly Waiter[]): void {
    this.waiting = this.waiting.filter((each) => !waiters.includes(each));
    for (const { resolve, timer } of waiters) {
      clearTimeout(timer);
      resolve();
    }
  }

  private count(unconfirmedCount: number): void {
    const changed = unconfirmedCount < this.unconfirmedCount;
    this.unconfirmedCount = unconfirmedCount;
    if (unconfirmedCount === 0 || changed) {
      clearTimeout(this.warnLate);
      this.warnLate = undefined;
    }
    if (unconfirmedCount > 0) {
      this.warnLate ??= setTimeout(() => this.tellLate(), UNCONFIRMED_SECONDS * 1000);
    }
  }

  private tellLate(): void {
    if (this.isCutOff) return;
    const several = this.unconfirmedCount !== 1;
    this.listener.warn(
      `${this.unconfirmedCount} ${several ? 'checkpoints are' : 'checkpoint is'} not stored yet; ` +
        `${several ? 'they wait' : 'it waits'} on this disk until the server confirms ${several ? 'them' : 'it'}.`,
    );
  }
}
