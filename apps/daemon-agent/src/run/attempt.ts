import { Logger } from '@nestjs/common';
import pLimit, { type LimitFunction } from 'p-limit';
import type { CheckpointKind, SpawnTask, TaskReport } from '#contracts';
import type { AgentConfig } from '../agent.config.js';
import type { CaptureCheckpoint, CaptureOutcome } from '../capture/capture-checkpoint.js';
import type { CaptureOrder } from '../capture/capture-order.js';
import { CaptureLoop } from '../capture/capture-loop.js';
import type { ReportQueue } from '../report/report-queue.js';
import type { TaskOutputPublisher } from '../report/task-output-publisher.js';
import type { TaskRecord } from '../state/task-record.js';
import type { TaskRegistry } from '../state/task-registry.js';
import { composeReport, type ReportDetails } from './compose-report.js';

export interface AttemptDependencies {
  config: AgentConfig;
  daemonId: string;
  registry: TaskRegistry;
  capturer: Pick<CaptureCheckpoint, 'capture'>;
  reports: Pick<ReportQueue, 'put'>;
  output: Pick<TaskOutputPublisher, 'say'>;
}

/**
 * One attempt of one task on this daemon, and what every attempt needs, whether an agent runs or a worktree
 * is watched: captures, a record on disk, reports and output.
 */
export class Attempt {
  private readonly logger = new Logger(Attempt.name);
  /** Captures of one task never overlap. */
  private readonly oneAtATime = pLimit(1);

  /** @param capturing bounds the captures of all tasks together */
  constructor(
    readonly spawn: SpawnTask,
    private readonly deps: AttemptDependencies,
    private readonly capturing: LimitFunction,
  ) {}

  /** Captures the worktree, after any capture of it that is under way. */
  capture(order: CaptureOrder): Promise<CaptureOutcome> {
    return this.oneAtATime(() => this.capturing(() => this.deps.capturer.capture(this.spawn.taskId, order)));
  }

  /**
   * Captures the worktree; a failure is logged and said, and does not get in the way of what follows.
   *
   * @returns why it failed; undefined when it worked
   */
  async tryCapture(kind: CheckpointKind): Promise<string | undefined> {
    try {
      await this.capture({ kind });
      return undefined;
    } catch (error) {
      const { message } = error as Error;
      this.logger.error({ msg: `the ${kind} capture failed`, taskId: this.spawn.taskId, err: error });
      this.say(`Warning: the ${kind} capture failed: ${message}`);
      return message;
    }
  }

  /**
   * Captures the worktree once per interval until `end` settles.
   *
   * @param captureOnce what is done each time
   * @returns the result of `end`
   */
  async captureUntil<End>(
    end: Promise<End>,
    captureOnce = (): Promise<CaptureOutcome> => this.capture({ kind: 'heartbeat' }),
  ): Promise<End> {
    const { captureIntervalSeconds } = this.deps.config;
    const captureLoop = new CaptureLoop(this.spawn.taskId, captureIntervalSeconds, captureOnce, (line) =>
      this.say(line),
    );
    captureLoop.start();
    try {
      return await end;
    } finally {
      captureLoop.stop();
    }
  }

  /** Resolves when no capture is under way. */
  async idle(): Promise<void> {
    await this.oneAtATime(() => undefined);
  }

  /** What this daemon remembers of the task. */
  record(): TaskRecord | undefined {
    return this.deps.registry.get(this.spawn.taskId);
  }

  /** Changes the record of the task; durable once it resolves. */
  async remember(change: Partial<TaskRecord>): Promise<void> {
    await this.deps.registry.update(this.spawn.taskId, change);
  }

  /** Reports to patch-store; the report is on disk once this resolves. */
  async report(report: TaskReport, details: ReportDetails): Promise<void> {
    const { taskId, attempt } = this.spawn;
    this.logger.log({ msg: report, taskId, attempt, ...details });
    await this.deps.reports.put(composeReport(this.deps.daemonId, this.spawn, report, details));
  }

  /**
   * Reports how the attempt ended, and ends it; also when the last state of its worktree is in no checkpoint.
   * The report is on disk first: a crash in between repeats it, but never loses it.
   */
  async finish(report: TaskReport, details: ReportDetails): Promise<void> {
    const captureFailure = this.record()?.captureFailure?.reason;
    await this.report(report, { ...details, captureFailure });
    await this.endUnreported();
  }

  /** Ends the attempt without a report: it is no longer this daemon's. */
  async endUnreported(): Promise<void> {
    await this.deps.registry.end(this.spawn.taskId);
  }

  /** Adds a line to the task's output. */
  say(line: string): void {
    this.deps.output.say(this.spawn, line);
  }
}
