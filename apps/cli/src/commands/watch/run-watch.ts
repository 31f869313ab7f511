import { setTimeout as sleep } from 'node:timers/promises';
import type { WatchMessage } from '#contracts';
import { describeExit } from '#embedded';
import { CliError } from '../../errors/cli-error.js';
import { EXIT_CODES } from '../../errors/exit-codes.js';
import type { Output } from '../../output/output.js';
import type { Steps } from '../../output/steps.js';
import type { StopSignals } from '../../shell/stop-signal.js';
import { showProgress } from './capture-progress.js';
import type { Place } from './find-place.js';
import { judgeWatch, lastCaptureOf, type WatchOutcome } from './judge-watch.js';
import { ServerLink } from './server-link.js';
import { WatchFeed } from './watch-feed.js';
import { openWatchFolder, type WatchFolder } from './watch-folder.js';
import { watchView, type WatchItem } from './watch.view.js';
import { chooseTask, type Watched } from './watched-task.js';
import { Watcher } from './watcher.js';

/** What is captured is confirmed in this time, or waits for the next watch. */
const CONFIRM_SECONDS = 30;

/** For a watcher that is not waited for. */
const CUT_OFF_SECONDS = 2;

export interface WatchPlan {
  watched: Watched;
  /** Where the server is; or why there is none. */
  place: Place | { absent: unknown };
  /** Looks for it again. */
  find: () => Promise<Place>;
  /** Between captures; 0: a single checkpoint. */
  everySeconds: number;
  stop: StopSignals;
}

interface Terminal {
  output: Output;
  steps: Steps;
}

/** A watch that has begun. */
interface Running {
  feed: WatchFeed;
  watcher: Watcher;
  link: ServerLink;
}

/**
 * Watches a worktree to its end: until the signal, until the task is stopped elsewhere, or until the worktree
 * is gone; with a server or without one. The final checkpoint is taken, and waited for during a limited time.
 *
 * @throws CliError when it does not begin, when its captures are not stored in the end, and when it ended for
 *   another reason than the signal
 */
export async function runWatch(plan: WatchPlan, { output, steps }: Terminal): Promise<void> {
  const { watched, place, everySeconds, find } = plan;
  const { worktreeDir } = watched;
  const folder = await openWatchFolder(worktreeDir);
  const task = await chooseTask('client' in place ? place.client : undefined, folder, watched);
  const view = watchView({ id: task.taskId, name: task.name });
  const waiting: WatchItem[] = [];
  let show = (item: WatchItem): void => void waiting.push(item);
  const feed = new WatchFeed({
    stored: (checkpoint) => show({ event: 'stored', checkpoint }),
    kept: (unconfirmedCount) => show({ event: 'kept', unconfirmedCount }),
    warn: (message) => show({ event: 'warning', message }),
  });
  steps.step('starting the watcher');
  const hear = (message: WatchMessage): void => {
    showProgress(message, steps);
    feed.hear(message);
  };
  const watcher = await Watcher.start(
    { folder, worktreeDir, everySeconds, onMessage: hear },
    'nats' in place ? place.nats : undefined,
  );
  try {
    const tell = (item: WatchItem): void => show(item);
    const link = await ServerLink.open({ find, folder, watcher, feed, watched, task, show: tell });
    const running = { feed, watcher, link };
    const attempt = await begin(plan, running);
    show = (item) => {
      steps.beforeOutput();
      output.item(item, view);
    };
    show({ event: 'watching', taskId: task.taskId, name: task.name, attempt, worktreeDir, everySeconds });
    waiting.splice(0).forEach(show);
    // A single checkpoint without a server is for the next watch to deliver.
    if (everySeconds > 0 || !feed.isCutOff) link.keep();
    const ending = await followToTheEnd(plan, running, steps);
    if (!ending.isCutOff) await link.leave();
    await watcher.stop(ending.isCutOff ? CUT_OFF_SECONDS : undefined);
    tellEnd(ending, running, folder, show);
  } finally {
    steps.progress(undefined);
    feed.close();
    await watcher.stop();
  }
}

/** @throws CliError for a watch that did not end well */
function tellEnd(
  ending: Ending,
  { feed, watcher, link }: Running,
  folder: WatchFolder,
  show: (item: WatchItem) => void,
): void {
  const { unconfirmedCount, newest } = feed;
  const known = { ...ending, unconfirmedCount, newest };
  show({
    event: 'ended',
    reason: known.failure ?? null,
    lastCapture: lastCaptureOf(known),
    newestCheckpointNumber: newest?.checkpointNumber ?? (link.known?.lastCheckpointNumber || null),
    isRestorable: newest?.hasPatch ?? (link.known?.recovery.restorableCheckpointNumber ?? null) !== null,
    unconfirmedCount,
  });
  const failure = judgeWatch(known, { logFile: watcher.logFile, stateDir: folder.stateDir });
  if (failure !== undefined) throw failure;
}

/** The number of the attempt, once the worktree is being captured. */
async function begin({ place, stop }: WatchPlan, { feed, watcher, link }: Running): Promise<number> {
  const begun = await Promise.race([
    link.begin(place),
    feed.ended.then(({ reason }) => ({ failure: reason })),
    watcher.died.then((status) => ({ failure: `The watcher ended ${describeExit(status)}.` })),
    stop.first.then(() => 'stopped' as const),
  ]);
  if (begun === 'stopped') {
    throw new CliError('Stopped before it began.', { code: 'INTERRUPTED', exitCode: EXIT_CODES.interrupted });
  }
  if (begun !== undefined) {
    throw new CliError(begun.failure, { code: 'NOT_STARTED', nextStep: `Its log is ${watcher.logFile}.` });
  }
  return feed.attempt!;
}

/** How a watch came to its end. */
type Ending = Pick<WatchOutcome, 'failure' | 'isCutOff' | 'captureFailure'>;

/**
 * Until the worktree is captured a last time and that is stored, however long the capture takes, or until the
 * person does not want to wait.
 */
async function followToTheEnd(
  { everySeconds, stop }: WatchPlan,
  { feed, watcher, link }: Running,
  steps: Steps,
): Promise<Ending> {
  const over = Promise.race([
    feed.ended.then((message) => ({ message })),
    watcher.died.then((status) => ({ status })),
  ]);
  // Of one checkpoint, Ctrl-C wants the end; of a watch, the last checkpoint.
  const [asked, impatient] = everySeconds === 0 ? [undefined, stop.first] : [stop.first, stop.again];
  const cutOff = impatient.then(() => 'cut-off' as const);
  let ending = await Promise.race([over, cutOff, ...(asked ? [asked.then(() => 'asked' as const)] : [])]);
  const isOurs = everySeconds === 0 || ending === 'asked';
  if (ending === 'asked') {
    steps.step('taking the last checkpoint; press Ctrl-C again to leave without it');
    void link.stop().then(() => watcher.send({ type: 'end-watch' }));
    ending = await Promise.race([over, cutOff]);
  }
  if (ending === 'cut-off') return { failure: undefined, isCutOff: true, captureFailure: undefined };
  if ('status' in ending) {
    const failure = `The watcher ended ${describeExit(ending.status)}; see ${watcher.logFile}.`;
    return { failure, isCutOff: false, captureFailure: undefined };
  }
  const isCutOffForGood = feed.isCutOff && link.overReason === undefined;
  if (!isCutOffForGood) await Promise.race([feed.allStored(), watcher.died, stop.again, patience()]);
  const { outcome, captureFailure } = ending.message;
  const reason = link.overReason ?? ending.message.reason;
  const failure = link.overReason === undefined && isOurs && outcome === 'stopped' ? undefined : reason;
  return { failure, isCutOff: false, captureFailure };
}

/** For the server to confirm what is on its way. */
async function patience(): Promise<void> {
  await sleep(CONFIRM_SECONDS * 1000, undefined, { ref: false });
}
