import type { OfflineTask, TaskView } from '#contracts';
import { CliError } from '../../errors/cli-error.js';
import { isSameNats } from '../../settings/nats-address.js';
import { isAbsence, type Place } from './find-place.js';
import { judgeTask, type OwnAttempt, type TaskVerdict } from './judge-task.js';
import type { WatchFeed } from './watch-feed.js';
import type { WatchFolder, WatchRecord } from './watch-folder.js';
import { DELIVER_SECONDS, LinkNews } from './link-news.js';
import type { WatchItem } from './watch.view.js';
import type { Watcher } from './watcher.js';
import { createWatched, findKnown, resumeWatched, type Watched } from './watched-task.js';

/** NATS is connected within this time, or counts as lost. */
const CONNECT_SECONDS = 10;

/** A task must reach its daemon through NATS within this time. */
const START_SECONDS = 30;

/** Between two looks for the server. */
const LOOK_SECONDS = 2;

export interface LinkParts {
  /** @throws why there is no server; see `findPlace` */
  find: () => Promise<Place>;
  folder: WatchFolder;
  watcher: Watcher;
  feed: WatchFeed;
  watched: Pick<Watched, 'worktreeDir'>;
  task: OfflineTask;
  show: (item: WatchItem) => void;
}

/**
 * Keeps a watch and its server together. Without a server the worktree is captured all the same; whenever one
 * answers, at whatever address, this machine's daemon gets the task from it and delivers what waits.
 */
export class ServerLink {
  /** Why the watch ends: somebody decided so on the server. */
  overReason: string | undefined;
  /** The task as the server last had it. */
  known: TaskView | undefined;
  private own: OwnAttempt | undefined;
  private isStopping = false;
  private working: Promise<void> = Promise.resolve();

  private readonly news: LinkNews;

  private constructor(
    private readonly parts: LinkParts,
    private record: WatchRecord,
  ) {
    this.news = new LinkNews(parts.feed, parts.show);
  }

  static async open(parts: LinkParts): Promise<ServerLink> {
    const { taskId, name, repoUrl } = parts.task;
    const earlier = await parts.folder.record();
    const { attempt, isCreated } = earlier?.taskId === taskId ? earlier : { isCreated: false };
    const { worktreeDir } = parts.watched;
    const link = new ServerLink(parts, { worktreeDir, taskId, name, repoUrl, attempt, isCreated });
    await link.remember({});
    return link;
  }

  /**
   * Resolves when the worktree is being captured: as a task of that server, or without one.
   *
   * @throws CliError when the task does not reach the daemon; what the server refuses
   */
  async begin(place: Place | { absent: unknown }): Promise<void> {
    try {
      if ('absent' in place) throw place.absent;
      await this.join(place);
    } catch (error) {
      if (!isAbsence(error)) throw error;
      this.news.cutOff(error);
      await this.watchOffline();
    }
  }

  /** From now on, finds the server again whenever it is lost. */
  keep(): void {
    this.working = this.keepUntilStopped();
  }

  /** Looks for no server any more. Resolves when the worktree is captured, as it was or without a server. */
  async stop(): Promise<void> {
    await this.leave();
    if (this.parts.feed.watch === undefined) await this.watchOffline();
  }

  /** Looks for no server any more, whether or not the worktree is captured. */
  async leave(): Promise<void> {
    this.isStopping = true;
    this.parts.feed.check();
    await this.working;
  }

  private async keepUntilStopped(): Promise<void> {
    const { feed } = this.parts;
    while (!this.isStopping) {
      if (feed.isConnected && !feed.isCutOff) {
        await feed.until(() => !feed.isConnected || this.isStopping);
      } else {
        if (!feed.isCutOff) this.news.cutOff(new Error(`NATS at ${this.natsHost()} does not answer.`));
        await feed.until(() => feed.isConnected || this.isStopping, LOOK_SECONDS);
        if (!this.isStopping) await this.tryAgain();
      }
    }
  }

  private async tryAgain(): Promise<void> {
    const { feed, watcher } = this.parts;
    try {
      const place = await this.parts.find();
      if (isSameNats(place.nats, watcher.nats) && !feed.isConnected) return;
      await this.join(place);
    } catch (error) {
      if (!isAbsence(error)) this.news.cutOff(error);
      if (feed.watch === undefined) await this.watchOffline();
      await feed.until(() => this.isStopping, LOOK_SECONDS);
    }
  }

  private async join(place: Place): Promise<void> {
    const { feed, task } = this.parts;
    this.noteOwn();
    const before = { waitingCount: feed.unconfirmedCount, storedCount: feed.storedCount };
    await this.connect(place);
    const known = await findKnown(place.client, task.taskId);
    this.known = known ?? this.known;
    const verdict = judgeTask(known, this.own, feed.watch?.isOffline === false);
    const taskIds = await this.knownHere(place, known);
    await this.follow(feed.hasEnded ? { to: 'go-on' } : verdict, place, taskIds);
    await this.news.connected(place.client.server, before);
  }

  /** @param taskIds what waits of them may be delivered */
  private async follow(verdict: TaskVerdict, { client }: Place, taskIds: string[]): Promise<void> {
    const { task, folder, watcher } = this.parts;
    switch (verdict.to) {
      case 'go-on':
        return watcher.send({ type: 'deliver', taskIds });
      case 'over':
        return this.endFor(verdict.reason, taskIds);
      case 'create':
        if (this.record.isCreated !== false) this.news.isAnother(client.server, task);
        await this.handOver(true);
        await createWatched(client, folder, task);
        await this.remember({ isCreated: true, attempt: 1 });
        watcher.send({ type: 'deliver', taskIds: [...taskIds, task.taskId] });
        return this.started();
      case 'resume':
        await this.handOver(verdict.isUnknown);
        watcher.send({ type: 'deliver', taskIds });
        if (!verdict.isUnknown) await this.delivered(taskIds);
        await this.remember({ isCreated: true, attempt: verdict.known.attempt + 1 });
        await resumeWatched(client, folder, verdict.known, task.repoUrl);
        return this.started();
    }
  }

  /** The attempt that is captured under: what a server says is judged by it. */
  private noteOwn(): void {
    const { watch } = this.parts.feed;
    if (watch === undefined) return;
    const { attempt, isClaimed, isOffline } = watch;
    const wasRunning = !isOffline || (this.own?.attempt === attempt && this.own.wasRunning);
    this.own = { attempt, isClaimed, wasRunning, askedFor: this.record.attempt ?? 0 };
  }

  /** @throws CliError when NATS does not answer */
  private async connect({ nats }: Place): Promise<void> {
    const { watcher, feed } = this.parts;
    if (!isSameNats(nats, watcher.nats)) {
      await this.handOver(false);
      feed.moved();
      await watcher.move(nats);
    }
    await feed.until(() => feed.isConnected, CONNECT_SECONDS);
    if (feed.isConnected) return;
    throw new CliError(`NATS at ${this.natsHost()} does not answer.`, { code: 'NO_SERVER' });
  }

  /** The tasks of what waits here that this server has. Any other server would refuse it for ever. */
  private async knownHere({ client }: Place, known: TaskView | undefined): Promise<string[]> {
    const others = this.parts.feed.waitingTaskIds.filter((id) => id !== this.record.taskId);
    const found = await Promise.all(others.map((id) => findKnown(client, id)));
    return [known, ...found].flatMap((task) => (task === undefined ? [] : [task.id]));
  }

  private async handOver(isUnknown: boolean): Promise<void> {
    const { watcher, feed, task } = this.parts;
    if (feed.watch === undefined && !isUnknown) return;
    const before = feed.handOvers;
    watcher.send({ type: 'hand-over', taskId: task.taskId, isUnknown });
    await feed.until(() => feed.handOvers > before);
  }

  private async delivered(taskIds: readonly string[]): Promise<void> {
    const { feed } = this.parts;
    if (!feed.waitingTaskIds.some((id) => taskIds.includes(id))) return;
    await feed.until(() => feed.unconfirmedCount === 0 || !feed.isConnected, DELIVER_SECONDS);
  }

  /** @throws CliError */
  private async started(): Promise<void> {
    const { watcher, feed } = this.parts;
    await feed.until(() => feed.watch !== undefined, START_SECONDS);
    if (feed.watch !== undefined) return;
    throw new CliError(`The task did not reach the watcher: is ${this.natsHost()} the NATS of this server?`, {
      code: 'NOT_STARTED',
      nextStep: `Its log is ${watcher.logFile}.`,
    });
  }

  /** With a last capture, as if it had been ended there while the server was away. */
  private async endFor(reason: string, taskIds: string[]): Promise<void> {
    const { watcher, feed } = this.parts;
    this.overReason = reason;
    this.isStopping = true;
    watcher.send({ type: 'deliver', taskIds });
    if (feed.watch === undefined) await this.watchOffline();
    watcher.send({ type: 'end-watch' });
  }

  private async watchOffline(): Promise<void> {
    const { watcher, feed, task } = this.parts;
    if (feed.hasEnded) return;
    watcher.send({ type: 'watch-offline', ...task });
    await Promise.race([feed.until(() => feed.watch !== undefined), feed.ended]);
  }

  private async remember(change: Partial<WatchRecord>): Promise<void> {
    this.record = { ...this.record, ...change };
    await this.parts.folder.remember(this.record);
  }

  private natsHost(): string {
    const { nats } = this.parts.watcher;
    return nats === undefined ? 'an unknown address' : new URL(nats.url).host;
  }
}
