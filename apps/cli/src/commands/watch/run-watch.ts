import type { PatchStoreClient } from '#client';
import { describeExit, type AppProcess } from '#embedded';
import { CliError } from '../../errors/cli-error.js';
import { EXIT_CODES } from '../../errors/exit-codes.js';
import { count } from '../../output/format.js';
import type { Output } from '../../output/output.js';
import type { Steps } from '../../output/steps.js';
import { watchView, type WatchItem } from './watch.view.js';
import { startWatcher } from './start-watcher.js';
import { openWatchFolder } from './watch-folder.js';
import { WatchFeed } from './watch-feed.js';
import { findWatchedTask, startWatchedTask, type Watched } from './watched-task.js';

/** A task must reach its daemon through NATS in this time. */
const START_SECONDS = 30;

export interface WatchPlan {
  watched: Watched;
  natsUrl: string;
  /** Between captures; 0: one checkpoint, and done. */
  everySeconds: number;
  /** Settles when a person has had enough. */
  stopSignal: Promise<unknown>;
}

interface Session {
  client: PatchStoreClient;
  output: Output;
  steps: Steps;
}

/**
 * Watches a worktree to its end: until the signal, until the task is stopped elsewhere, or until the worktree
 * is gone. The last checkpoint is taken and waited for, for a while.
 *
 * @throws CliError when it does not begin, when what it captured is not stored in the end, and when it ended
 *   for another reason than the signal
 */
export async function runWatch(plan: WatchPlan, { client, output, steps }: Session): Promise<void> {
  const { watched, natsUrl, everySeconds } = plan;
  const folder = await openWatchFolder(watched.worktreeDir);
  const earlier = await findWatchedTask(client, folder, watched);
  const waiting: WatchItem[] = [];
  let show = (item: WatchItem): void => void waiting.push(item);
  const feed = new WatchFeed({
    stored: (checkpoint) => show({ event: 'stored', checkpoint }),
    warn: (message) => show({ event: 'warning', message }),
  });
  steps.step('starting the watcher');
  const watcher = await startWatcher(folder, watched.worktreeDir, {
    natsUrl,
    everySeconds,
    onMessage: (message) => feed.hear(message),
  });
  try {
    const task = await startWatchedTask(client, folder, watched, earlier);
    const attempt = await firstAttempt(feed, watcher, plan);
    const { worktreeDir } = watched;
    const view = watchView(task);
    show = (item) => output.item(item, view);
    show({ event: 'watching', taskId: task.id, name: task.name, attempt, worktreeDir, everySeconds });
    waiting.splice(0).forEach(show);

    const failure = await Promise.race([
      (everySeconds === 0 ? Promise.resolve() : plan.stopSignal).then(() => undefined),
      feed.ended.then(({ reason }) => reason),
      watcher.exited.then((status) => `The watcher ended ${describeExit(status)}; see ${watcher.logFile}.`),
    ]);
    if (failure === undefined) steps.step('taking the last checkpoint');
    await end(watcher);
    const newestCheckpointNumber = feed.newestNumber ?? (task.lastCheckpointNumber || null);
    const { unconfirmedCount } = feed;
    show({ event: 'ended', reason: failure ?? null, newestCheckpointNumber, unconfirmedCount });
    if (unconfirmedCount > 0) throw notStored(unconfirmedCount, folder.stateDir);
    if (failure !== undefined) throw new CliError(failure, { code: 'WATCH_ENDED' });
    if (feed.newestNumber === null) throw nothingStored(watcher.logFile);
  } finally {
    feed.close();
    await end(watcher);
  }
}

/** All that it has to say is heard before it counts as ended. May be called twice. */
async function end(watcher: AppProcess): Promise<void> {
  await watcher.stop();
  await watcher.lastWord;
}

/** The number of the attempt, once the worktree is being captured. */
async function firstAttempt(feed: WatchFeed, watcher: AppProcess, plan: WatchPlan): Promise<number> {
  const timer = new AbortController();
  const late = AbortSignal.any([timer.signal, AbortSignal.timeout(START_SECONDS * 1000)]);
  const begun = await Promise.race([
    feed.started.then(({ attempt }) => attempt),
    feed.ended.then(({ reason }) => reason),
    watcher.exited.then((status) => `The watcher ended ${describeExit(status)}.`),
    plan.stopSignal.then(() => null),
    new Promise<string>((resolve) => {
      late.addEventListener('abort', () => {
        resolve(
          `The task did not reach the watcher: is ${new URL(plan.natsUrl).host} the NATS of this server?`,
        );
      });
    }),
  ]);
  timer.abort();
  if (typeof begun === 'number') return begun;
  if (begun === null) {
    throw new CliError('Stopped before it began.', { code: 'INTERRUPTED', exitCode: EXIT_CODES.interrupted });
  }
  throw new CliError(begun, { code: 'NOT_STARTED', nextStep: `Its log is ${watcher.logFile}.` });
}

function notStored(unconfirmedCount: number, stateDir: string): CliError {
  return new CliError(
    `${count(unconfirmedCount, 'checkpoint')} not stored in time, and kept in ${stateDir}.`,
    {
      code: 'NOT_STORED',
      nextStep: 'Run `patchpoint watch` here again when the server can be reached: it sends what is left.',
    },
  );
}

function nothingStored(logFile: string): CliError {
  return new CliError('Nothing was stored by this watch.', {
    code: 'NOT_STORED',
    nextStep: `The watcher's log is ${logFile}.`,
  });
}
