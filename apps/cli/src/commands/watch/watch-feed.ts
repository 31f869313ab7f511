import type { WatchMessage } from '#contracts';

/** How long a checkpoint may wait for Postgres before people are notified. */
const UNCONFIRMED_SECONDS = 15;

type Started = Extract<WatchMessage, { type: 'watch-started' }>;
type Ended = Extract<WatchMessage, { type: 'watch-ended' }>;
type Stored = Extract<WatchMessage, { type: 'checkpoint-stored' }>['checkpoint'];

/** Receives the daemon's messages about the worktree, and keeps what the end of the command depends on. */
export class WatchFeed {
  readonly started: Promise<Started>;
  readonly ended: Promise<Ended>;
  newest: Stored | undefined;
  unconfirmedCount = 0;
  private warnLate: NodeJS.Timeout | undefined;
  private resolveStarted!: (message: Started) => void;
  private resolveEnded!: (message: Ended) => void;
  private resolveStored: () => void = () => undefined;

  constructor(private readonly show: { stored: (checkpoint: Stored) => void; warn: (text: string) => void }) {
    this.started = new Promise((resolve) => (this.resolveStarted = resolve));
    this.ended = new Promise((resolve) => (this.resolveEnded = resolve));
  }

  hear(message: WatchMessage): void {
    switch (message.type) {
      case 'watch-started':
        this.resolveStarted(message);
        break;
      case 'checkpoint-stored':
        this.newest = message.checkpoint;
        this.show.stored(message.checkpoint);
        break;
      case 'said':
        this.show.warn(message.line);
        break;
      case 'watch-ended':
        this.resolveEnded(message);
        break;
      case 'checkpoint-captured':
        break;
      default:
        return; // progress, and messages of an app to the process that started it
    }
    this.count(message.unconfirmedCount);
  }

  /** Resolves when everything that was captured is stored, as far as is known now. */
  async allStored(): Promise<void> {
    if (this.unconfirmedCount === 0) return;
    await new Promise<void>((resolve) => (this.resolveStored = resolve));
  }

  /** Nothing is shown any more because of time. */
  close(): void {
    clearTimeout(this.warnLate);
  }

  private count(unconfirmedCount: number): void {
    const changed = unconfirmedCount < this.unconfirmedCount;
    this.unconfirmedCount = unconfirmedCount;
    if (unconfirmedCount === 0) this.resolveStored();
    if (unconfirmedCount === 0 || changed) {
      clearTimeout(this.warnLate);
      this.warnLate = undefined;
    }
    if (unconfirmedCount > 0) {
      this.warnLate ??= setTimeout(() => this.tellLate(), UNCONFIRMED_SECONDS * 1000);
    }
  }

  private tellLate(): void {
    const several = this.unconfirmedCount !== 1;
    this.show.warn(
      `${this.unconfirmedCount} ${several ? 'checkpoints are' : 'checkpoint is'} not stored yet; ` +
        `${several ? 'they wait' : 'it waits'} on this disk until the server confirms ${several ? 'them' : 'it'}.`,
    );
  }
}
