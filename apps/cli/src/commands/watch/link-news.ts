import type { OfflineTask } from '#contracts';
import { oneLine, shortId } from '../../output/format.js';
import { explain } from '../../shell/explain.js';
import type { WatchFeed } from './watch-feed.js';
import type { WatchItem } from './watch.view.js';

/** What waits is stored within this time; what takes longer is not waited for. */
export const DELIVER_SECONDS = 30;

/** Tells when the server is lost and when it is there again, once each. */
export class LinkNews {
  private lastReason: string | undefined;

  constructor(
    private readonly feed: WatchFeed,
    private readonly show: (item: WatchItem) => void,
  ) {}

  cutOff(why: unknown): void {
    const reason = explain(why).message;
    if (reason === this.lastReason) return;
    this.lastReason = reason;
    this.feed.cutOffSince ??= new Date();
    const { cutOffSince, unconfirmedCount } = this.feed;
    this.show({ event: 'cut-off', since: cutOffSince.toISOString(), reason, unconfirmedCount });
  }

  /** Told when what waited is stored. */
  async connected(server: string, before: { waitingCount: number; storedCount: number }): Promise<void> {
    const { feed } = this;
    if (!feed.isCutOff) return;
    await feed.until(() => feed.unconfirmedCount === 0 || !feed.isConnected, DELIVER_SECONDS);
    this.lastReason = undefined;
    feed.cutOffSince = undefined;
    const deliveredCount = Math.min(before.waitingCount, feed.storedCount - before.storedCount);
    const { unconfirmedCount } = feed;
    const attempt = feed.watch?.attempt ?? null;
    this.show({ event: 'connected', server, attempt, deliveredCount, unconfirmedCount });
  }

  /** That server is not the one that had the task. */
  isAnother(server: string, { taskId, name }: OfflineTask): void {
    const message =
      `${server} does not know the task ${oneLine(name)} (${shortId(taskId)}): it is another Patchpoint, or its ` +
      'data is new. The task is created there, and what waits here is delivered there; earlier checkpoints ' +
      'stay where they are.';
    this.show({ event: 'warning', message });
  }
}
