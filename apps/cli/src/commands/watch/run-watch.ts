import { setTimeout as sleep } from 'node:timers/promises';
import type { PatchStoreClient } from '#client';
import type { WatchOrder } from '#contracts';
import { describeExit, type AppProcess } from '#embedded';
import { CliError } from '../../errors/cli-error.js';
import { EXIT_CODES } from '../../errors/exit-codes.js';
import type { Output } from '../../output/output.js';
import type { Steps } from '../../output/steps.js';
import type { StopSignals } from '../../shell/stop-signal.js';
import { showProgress } from './capture-progress.js';
import { judgeWatch, lastCaptureOf, type WatchOutcome } from './judge-watch.js';
import { watchView, type WatchItem } from './watch.view.js';
import { startWatcher } from './start-watcher.js';
import { openWatchFolder } from './watch-folder.js';
import { WatchFeed } from './watch-feed.js';
import { findWatchedTask, startWatchedTask, type Watched } from './watched-task.js';

/** A task must reach its daemon through NATS within this time. */
const START_SECONDS = 30;

/** What is captured is confirmed in this time, or waits for the next watch. */
const CONFIRM_SECONDS = 30;

/** For a watcher that is not waited for. */
const CUT_OFF_SECONDS = 2;

export interface WatchPlan {
  watched: Watched;
  natsUrl: string;
  /** Between captures; 0: a single checkpoint. */
  everySeconds: number;
  stop: StopSignals;
}

interface Session {
  client: PatchStoreClient;
  output: Output;
  steps: Steps;
}

/**
 * Watches a worktree to its end: until the signal, until the task is stopped elsewhere, or until the worktree
 * is gone. The final checkpoint is taken, and waited for during a limited time.
 *
 * @throws CliError when it does not begin, when its captures are not stored in the end, and when it ended for
 *   another reason than the signal
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
    onMessage: (message) => {
      showProgress(message, steps);
      feed.hear(message);
    },
  });
  try {
    const task = await startWatchedTask(client, folder, watched, earlier);
    const attempt = await firstAttempt(feed, watcher, plan);
    const { worktreeDir } = watched;
    const view = watchView(task);
    show = (item) => {
      steps.beforeOutput();
      output.item(item, view);
    };
    show({ event: 'watching', taskId: task.id, name: task.name, attempt, worktreeDir, everySeconds });
    waiting.splice(0).forEach(show);

    const outcome = await followToTheEnd(plan, { feed, watcher, steps });
    await end(watcher, outcome.isCutOff);
    const known = { ...outcome, unconfirmedCount: feed.unconfirmedCount, newest: feed.newest };
    show({
      event: 'ended',
      reason: known.failure ?? null,
      lastCapture: lastCaptureOf(known),
      newestCheckpointNumber: known.newest?.checkpointNumber ?? (task.lastCheckpointNumber || null),
      isRestorable: known.newest?.hasPatch ?? task.recovery.restorableCheckpointNumber !== null,
      unconfirmedCount: known.unconfirmedCount,
    });
    const failure = judgeWatch(known, { logFile: watcher.logFile, stateDir: folder.stateDir });
    if (failure !== undefined) throw failure;
  } finally {
    steps.progress(undefined);
    feed.close();
    await end(watcher);
  }
}

/** How a watch came to its end. */
type Ending = Pick<WatchOutcome, 'failure' | 'isCutOff' | 'captureFailure'>;

/**
 * Until the worktree is captured a last time and that is stored, however long the capture takes, or until the
 * person does not want to wait.
 */
async function followToTheEnd(
  { everySeconds, stop }: WatchPlan,
  { feed, watcher, steps }: { feed: WatchFeed; watcher: AppProcess; steps: Steps },
): Promise<Ending> {
  const over = Promise.race([
    feed.ended.then((message) => ({ message })),
    watcher.exited.then((status) => ({ status })),
  ]);
  // Of one checkpoint, Ctrl-C wants the end; of a watch, the last checkpoint.
  const [asked, impatient] = everySeconds === 0 ? [undefined, stop.first] : [stop.first, stop.again];
  const cutOff = impatient.then(() => 'cut-off' as const);
  let ending = await Promise.race([over, cutOff, ...(asked ? [asked.then(() => 'asked' as const)] : [])]);
  const isOurs = everySeconds === 0 || ending === 'asked';
  if (ending === 'asked') {
    steps.step('taking the last checkpoint; press Ctrl-C again to leave without it');
    watcher.send({ type: 'end-watch' } satisfies WatchOrder);
    ending = await Promise.race([over, cutOff]);
  }
  if (ending === 'cut-off') return { failure: undefined, isCutOff: true, captureFailure: undefined };
  if ('status' in ending) {
    const failure = `The watcher ended ${describeExit(ending.status)}; see ${watcher.logFile}.`;
    return { failure, isCutOff: false, captureFailure: undefined };
  }
  await Promise.race([feed.allStored(), watcher.exited, stop.again, patience()]);
  const { outcome, reason, captureFailure } = ending.message;
  const failure = isOurs && outcome === 'stopped' ? undefined : reason;
  return { failure, isCutOff: false, captureFailure };
}

/** For the server to confirm what is on its way. */
async function patience(): Promise<void> {
  await sleep(CONFIRM_SECONDS * 1000, undefined, { ref: false });
}

/**
 * All that it has to say is heard before it counts as ended. May be called twice.
 *
 * @param atOnce without waiting for a capture that is under way
 */
async function end(watcher: AppProcess, atOnce = false): Promise<void> {
  await watcher.stop(atOnce ? CUT_OFF_SECONDS : undefined);
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
    plan.stop.first.then(() => null),
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
