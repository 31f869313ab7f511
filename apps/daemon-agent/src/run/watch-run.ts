import { existsSync } from 'node:fs';
import { Logger } from '@nestjs/common';
import pLimit, { type LimitFunction } from 'p-limit';
import { WATCH_RUNNER, type CheckpointKind, type SpawnTask, type TaskReport } from '#contracts';
import { describeWorktree } from '#git';
import type { CaptureOrder, CaptureOutcome } from '../capture/capture-checkpoint.js';
import { CaptureLoop } from '../capture/capture-loop.js';
import { composeReport, type ReportDetails } from './compose-report.js';
import type { TaskDependencies } from './task-run.js';
import type { Run, StopOrder } from './run.js';
import type { Notify } from '../report/notify-parent.js';

export type WatchDependencies = Pick<
  TaskDependencies,
  'config' | 'daemonId' | 'registry' | 'capturer' | 'reports' | 'output'
> & { notify: Notify };

/** How a watch ends: because it was asked to, or because there is nothing left to watch. */
interface WatchEnd {
  outcome: 'stopped' | 'failed';
  reason: string;
}

/**
 * One attempt of a task that watches a worktree which somebody works in: captured now, at every heartbeat,
 * and when it ends. No program runs, and nothing is committed, moved or removed. Runs once.
 */
export class WatchRun implements Run {
  private readonly logger = new Logger(WatchRun.name);
  private readonly oneAtATime = pLimit(1);
  private readonly heartbeat: CaptureLoop;
  private end!: (end: WatchEnd) => void;
  private readonly ended = new Promise<WatchEnd>((resolve) => {
    this.end = resolve;
  });
  private done: Promise<void> | undefined;

  /** @param capturing bounds the captures of all tasks together */
  constructor(
    readonly spawn: SpawnTask,
    private readonly deps: WatchDependencies,
    private readonly capturing: LimitFunction,
  ) {
    this.heartbeat = new CaptureLoop(
      spawn.taskId,
      deps.config.heartbeatIntervalSeconds,
      () => this.look(),
      (line) => deps.output.say(spawn, line),
    );
  }

  run(): Promise<void> {
    this.done ??= this.execute();
    return this.done;
  }

  capture(order: CaptureOrder): Promise<CaptureOutcome> {
    return this.oneAtATime(() => this.capturing(() => this.deps.capturer.capture(this.spawn.taskId, order)));
  }

  /** Always for good: nobody else is to go on with somebody's own worktree. */
  async stop({ reason }: StopOrder): Promise<void> {
    this.end({ outcome: 'stopped', reason });
    await this.done;
  }

  private async execute(): Promise<void> {
    try {
      await this.finish(await this.watch(await this.adopt()));
    } catch (error) {
      this.logger.error({ msg: 'the watch failed', taskId: this.spawn.taskId, err: error });
      await this.finish({ outcome: 'failed', reason: (error as Error).message });
    }
  }

  /** The worktree that this daemon was started for; what else it is asked to do, it refuses. */
  private async adopt(): Promise<string> {
    const { watchDir } = this.deps.config;
    const { runner, taskName } = this.spawn;
    if (watchDir === undefined) {
      throw new Error(
        `"${taskName}" watches a worktree on the machine of its owner; this daemon has none. ` +
          'Run `patchpoint watch` there, or `patchpoint restore` to get its files.',
      );
    }
    if (runner !== WATCH_RUNNER) {
      throw new Error(`This daemon only watches ${watchDir}. Give the task to another daemon.`);
    }
    return (await describeWorktree(watchDir)).worktreeDir;
  }

  private async watch(worktreeDir: string): Promise<WatchEnd> {
    const { taskId, attempt } = this.spawn;
    await this.deps.registry.update(taskId, {
      phase: 'running',
      worktreeDir,
      worktreeAttempt: attempt,
      worktreeOrigin: 'adopted',
    });
    await this.report('started', { worktreeOrigin: 'adopted', worktreePath: worktreeDir });
    this.deps.notify({ type: 'watch-started', taskId, attempt });
    if (this.deps.config.heartbeatIntervalSeconds > 0) await this.tryCapture('heartbeat');
    this.heartbeat.start();
    const end = await this.ended;
    this.heartbeat.stop();
    if (end.outcome === 'stopped') await this.tryCapture('final');
    return end;
  }

  private async look(): Promise<CaptureOutcome> {
    const { watchDir } = this.deps.config;
    if (existsSync(watchDir!)) return this.capture({ kind: 'heartbeat' });
    this.end({ outcome: 'failed', reason: `${watchDir} is gone: there is nothing left to watch.` });
    return 'failed';
  }

  /**
   * Whatever stands in the way of the first capture may be gone at the next one; of the last one, people are
   * told.
   */
  private async tryCapture(kind: CheckpointKind): Promise<void> {
    try {
      await this.capture({ kind });
    } catch (error) {
      this.logger.error({ msg: `the ${kind} capture failed`, taskId: this.spawn.taskId, err: error });
      this.deps.output.say(
        this.spawn,
        `Warning: the worktree could not be captured: ${(error as Error).message}`,
      );
    }
  }

  private async finish({ outcome, reason }: WatchEnd): Promise<void> {
    this.heartbeat.stop();
    await this.report(outcome, { reason });
    await this.deps.registry.end(this.spawn.taskId);
    this.deps.notify({ type: 'watch-ended', outcome, reason });
  }

  private async report(report: TaskReport, details: ReportDetails): Promise<void> {
    const { taskId, attempt } = this.spawn;
    this.logger.log({ msg: report, taskId, attempt, ...details });
    await this.deps.reports.put(composeReport(this.deps.daemonId, this.spawn, report, details));
  }
}
