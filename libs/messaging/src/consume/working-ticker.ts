import type { ConsumedMessage } from './consumed-message.js';

/** A handler that runs longer than this is taken to hang: its message comes again after the ack wait. */
const LONGEST_HANDLING_MILLISECONDS = 10 * 60 * 1000;

/**
 * Tells the server three times per ack wait which messages are still being worked on. One timer for all of
 * them.
 */
export class WorkingTicker {
  private readonly startedAt = new Map<ConsumedMessage, number>();
  private readonly timer: NodeJS.Timeout;

  constructor(ackWaitSeconds: number) {
    this.timer = setInterval(() => this.tick(), (ackWaitSeconds * 1000) / 3);
    this.timer.unref();
  }

  add(message: ConsumedMessage): void {
    this.startedAt.set(message, Date.now());
  }

  remove(message: ConsumedMessage): void {
    this.startedAt.delete(message);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private tick(): void {
    const hangingSince = Date.now() - LONGEST_HANDLING_MILLISECONDS;
    for (const [message, startedAt] of this.startedAt) {
      if (startedAt > hangingSince) message.working();
    }
  }
}
