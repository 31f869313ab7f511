import { existsSync } from 'node:fs';
import { Logger } from '@nestjs/common';
import { WATCH_RUNNER } from '#contracts';
import { describeWorktree } from '#git';
import type { AgentConfig } from '../agent.config.js';
import type { CaptureOutcome } from '../capture/capture-checkpoint.js';
import type { Notify } from '../report/notify-parent.js';
import type { Attempt } from './attempt.js';
import type { Run, StopOrder } from './run.js';

export interface WatchDependencies {
  config: AgentConfig;
  notify: Notify;
}

/** How a watch ends: because it was stopped, or because there is nothing left to watch. */
interface WatchEnd {
  outcome: 'stopped' | 'failed';
  reason: string;
  /** Why its last state is in no checkpoint. */
  captureFailure?: string;
}

/** The watch goes on as soon as patch-store has given the task to this daemon again. */
const HANDED_OVER = 'handed-over';

/**
 * One attempt of a task that watches a worktree which somebody works in: captured now, at every capture
 * interval, and when it ends; without an interval, once, and then it ends. No program runs, and nothing is
 * committed, moved or removed.
 *
 * Offline, it only captures: for patch-store that attempt has not begun, or is over, so that nothing is
 * reported.
 */
export class WatchRun implements Run {
  private readonly logger = new Logger(WatchRun.name);
  private end!: (end: WatchEnd | typeof HANDED_OVER) => void;
  private readonly ended = new Promise<WatchEnd | typeof HANDED_OVER>((resolve) => {
    this.end = resolve;
  });

  constructor(
    readonly attempt: Attempt,
    private readonly deps: WatchDependencies,
    private readonly isOffline = false,
  ) {}

  async execute(): Promise<void> {
    try {
      await this.finish(await this.watch(await this.adopt()));
    } catch (error) {
      this.logger.error({ msg: 'the watch failed', taskId: this.attempt.spawn.taskId, err: error });
      await this.finish({ outcome: 'failed', reason: (error as Error).message });
    }
  }

  /** Always for good: no other daemon continues in a person's own worktree. */
  stop({ reason }: StopOrder): void {
    this.end({ outcome: 'stopped', reason });
  }

  /** Ends it without a last capture or a report. */
  handOver(): void {
    this.end(HANDED_OVER);
  }

  /** The worktree that this daemon was started for; it refuses every other task. */
  private async adopt(): Promise<string> {
    const { watchDir } = this.deps.config;
    const { runner, taskName } = this.attempt.spawn;
    if (watchDir === undefined) {
      throw new Error(
        `"${taskName}" watches a worktree on its owner's machine; this daemon watches none. ` +
          'Run `patchpoint watch` there, or `patchpoint restore` to get its files.',
      );
    }
    if (runner !== WATCH_RUNNER) {
      throw new Error(`This daemon only watches ${watchDir}. Give the task to another daemon.`);
    }
    return (await describeWorktree(watchDir)).worktreeDir;
  }

  private async watch(worktreeDir: string): Promise<WatchEnd | typeof HANDED_OVER> {
    const { isOffline } = this;
    const { taskId, attempt } = this.attempt.spawn;
    await this.attempt.remember({
      phase: isOffline ? 'ended' : 'running',
      worktreeDir,
      gitDir: undefined,
      worktreeAttempt: attempt,
      worktreeOrigin: 'adopted',
    });
    if (!isOffline) {
      await this.attempt.report('started', { worktreeOrigin: 'adopted', worktreePath: worktreeDir });
    }
    const isClaimed = this.attempt.record()?.isUnclaimed !== true;
    this.deps.notify({ type: 'watch-started', taskId, attempt, isOffline, isClaimed });
    const end = await this.watchUntilTheEnd();
    if (end === HANDED_OVER || end.outcome === 'failed') return end;
    return { ...end, captureFailure: await this.attempt.tryCapture('final') };
  }

  private async watchUntilTheEnd(): Promise<WatchEnd | typeof HANDED_OVER> {
    if (this.deps.config.captureIntervalSeconds === 0) {
      return { outcome: 'stopped', reason: 'One checkpoint was asked for.' };
    }
    // Whatever stands in the way of this first capture may be gone at the next one.
    await this.attempt.tryCapture('heartbeat');
    return this.attempt.captureUntil(this.ended, () => this.captureWhileThere());
  }

  private async captureWhileThere(): Promise<CaptureOutcome> {
    const { watchDir } = this.deps.config;
    if (existsSync(watchDir!)) return this.attempt.capture({ kind: 'heartbeat' });
    this.end({ outcome: 'failed', reason: `${watchDir} is gone: there is nothing left to watch.` });
    return 'failed';
  }

  private async finish(end: WatchEnd | typeof HANDED_OVER): Promise<void> {
    if (end === HANDED_OVER) {
      await this.attempt.idle();
      return this.attempt.endUnreported();
    }
    const { outcome, reason, captureFailure } = end;
    if (!this.isOffline) await this.attempt.finish(outcome, { reason });
    this.deps.notify({ type: 'watch-ended', outcome, reason, captureFailure });
  }
}
