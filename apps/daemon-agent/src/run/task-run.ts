import { Logger } from '@nestjs/common';
import pLimit, { type LimitFunction } from 'p-limit';
import type { CheckpointToRestore, ContractError, SpawnTask, TaskReport } from '#contracts';
import type { CaptureOrder, CaptureOutcome, CaptureCheckpoint } from '../capture/capture-checkpoint.js';
import { CaptureLoop } from '../capture/capture-loop.js';
import type { ReportQueue } from '../report/report-queue.js';
import { endSurvivor, type AgentProcess, type ProcessEnd } from './agent-process.js';
import { claimAgain, type Claim } from './claim-again.js';
import { composeReport, restoredDetails, type ReportDetails } from './compose-report.js';
import { prepareWorktree, type KnownWorktree, type PreparedWorktree } from '../restore/prepare-worktree.js';
import type { ReadSlice } from '../restore/read-spawn-patch.js';
import type { Run, StopOrder } from './run.js';
import { startAgent, type StartDependencies } from './start-agent.js';
import type { TaskRecord } from '../state/task-record.js';
import type { TaskRegistry } from '../state/task-registry.js';

export interface TaskDependencies extends StartDependencies {
  daemonId: string;
  registry: TaskRegistry;
  capturer: CaptureCheckpoint;
  reports: ReportQueue;
  readSlice: ReadSlice;
  claim: Claim;
  /** The newest restorable checkpoint of this attempt's task that is older than that number. */
  olderCheckpoint: (spawn: SpawnTask, beforeNumber: number) => Promise<CheckpointToRestore | undefined>;
  /** Whether all checkpoints of the task are stored before that time (milliseconds since 1970). */
  confirmed: (taskId: string, until: number) => Promise<boolean>;
}

/** What an attempt finds on this daemon. */
export interface RunOrigin {
  worktree?: KnownWorktree;
  /** Set when an earlier life of this daemon had taken it on: what was on disk of it then. */
  earlierLife?: TaskRecord;
}

const NOT_RUN: ProcessEnd = { exitCode: null, signal: null };

/**
 * One attempt of one task on this daemon: its worktree is prepared, its agent runs, its worktree is captured,
 * its end is reported. Runs once.
 */
export class TaskRun implements Run {
  private readonly logger = new Logger(TaskRun.name);
  /** Captures of this task follow one another. */
  private readonly oneAtATime = pLimit(1);
  private readonly heartbeat: CaptureLoop;
  private readonly stopping = new AbortController();
  private process: AgentProcess | undefined;
  private stopOrder: StopOrder | undefined;
  private done: Promise<void> | undefined;

  /** @param capturing bounds the captures of all tasks together */
  constructor(
    readonly spawn: SpawnTask,
    private readonly origin: RunOrigin,
    private readonly deps: TaskDependencies,
    private readonly capturing: LimitFunction,
  ) {
    this.heartbeat = new CaptureLoop(
      spawn.taskId,
      deps.config.heartbeatIntervalSeconds,
      () => this.capture({ kind: 'heartbeat' }),
      (line) => this.say(line),
    );
  }

  run(): Promise<void> {
    this.done ??= this.execute();
    return this.done;
  }

  capture(order: CaptureOrder): Promise<CaptureOutcome> {
    return this.oneAtATime(() => this.capturing(() => this.deps.capturer.capture(this.spawn.taskId, order)));
  }

  /** Whoever stops the task for good is obeyed also while the daemon only releases it. */
  async stop(order: StopOrder): Promise<void> {
    if (this.stopOrder === undefined || order.ending === 'stopped') this.stopOrder = order;
    this.stopping.abort();
    void this.process?.stop(this.stopSeconds(order));
    await this.done;
  }

  private async execute(): Promise<void> {
    try {
      const refusal = this.origin.earlierLife && (await this.regain(this.origin.earlierLife));
      if (refusal) return await this.giveUp(refusal);
      const end = this.stopOrder ? NOT_RUN : await this.runAgent(await this.prepare());
      const order = this.stopOrder;
      if (end !== NOT_RUN || this.wasRunning()) await this.captureFinal();
      await this.end(end, order);
    } catch (error) {
      await this.fail(error as Error);
    }
  }

  /**
   * After a restart: nothing of the earlier life runs any more, and the attempt is still this daemon's. Else
   * why it is not.
   */
  private async regain({ process }: TaskRecord): Promise<ContractError | undefined> {
    const { taskId, attempt } = this.spawn;
    const survived = process !== undefined && (await endSurvivor(process, this.deps.config.taskStopSeconds));
    this.logger.log({ msg: 'found a task after a restart', taskId, attempt, survived });
    await this.deps.registry.update(taskId, { spawn: this.spawn, process: undefined });
    const claim = await claimAgain(this.deps.claim, this.spawn, this.stopping.signal);
    return claim.outcome === 'refused' ? claim.refusal : undefined;
  }

  /** The task has gone on elsewhere, or has ended: nothing is reported, but nothing is lost either. */
  private async giveUp(refusal: ContractError): Promise<void> {
    const { taskId, attempt } = this.spawn;
    this.logger.warn({ msg: 'a task is not ours any more', taskId, attempt, reason: refusal.message });
    this.say(`Not going on with attempt ${attempt} after the restart: ${refusal.message}`);
    if (this.wasRunning()) await this.captureFinal();
    await this.deps.registry.end(taskId);
  }

  private wasRunning(): boolean {
    return this.origin.earlierLife?.phase === 'running';
  }

  private async prepare(): Promise<PreparedWorktree> {
    const { spawn } = this;
    const { config, folder, readSlice, registry } = this.deps;
    const worktree = await prepareWorktree(spawn, this.origin.worktree, {
      config,
      folder,
      readSlice,
      say: (line) => this.say(line),
      olderCheckpoint: (beforeNumber) => this.deps.olderCheckpoint(spawn, beforeNumber),
      restoreFailed: (checkpointNumber, reason) =>
        this.report('restore-failed', { checkpointNumber, reason }),
      signal: this.stopping.signal,
    });
    await registry.update(spawn.taskId, {
      worktreeDir: worktree.worktreeDir,
      worktreeAttempt: spawn.attempt,
      branchName: worktree.branchName ?? undefined,
      worktreeOrigin: worktree.origin,
    });
    if (worktree.restored) await this.report('restored', restoredDetails(worktree, worktree.restored));
    return worktree;
  }

  private async runAgent(worktree: PreparedWorktree): Promise<ProcessEnd> {
    if (this.stopOrder !== undefined) return NOT_RUN;
    const process = await startAgent(this.spawn, worktree, this.deps);
    this.process = process;
    await this.deps.registry.update(this.spawn.taskId, {
      phase: 'running',
      process: { pid: process.pid, startedAt: process.startedAt },
    });
    await this.report('started', {
      worktreeOrigin: worktree.origin,
      worktreePath: worktree.worktreeDir,
      reason: worktree.reason,
    });
    if (this.stopOrder !== undefined) void process.stop(this.stopSeconds(this.stopOrder));
    else this.heartbeat.start();
    const end = await process.ended;
    this.heartbeat.stop();
    return end;
  }

  /** A release leaves at least half of the daemon's own time for the captures. */
  private stopSeconds({ ending }: StopOrder): number {
    const { taskStopSeconds, stopGraceSeconds } = this.deps.config;
    return ending === 'stopped' ? taskStopSeconds : Math.min(taskStopSeconds, stopGraceSeconds / 2);
  }

  /** A failure here must not hide how the task ended; the worktree stays where it is. */
  private async captureFinal(): Promise<void> {
    try {
      await this.capture({ kind: 'final' });
    } catch (error) {
      this.logger.error({ msg: 'the final capture failed', taskId: this.spawn.taskId, err: error });
      this.say(`Warning: the final capture failed: ${(error as Error).message}`);
    }
  }

  /**
   * @param order what was ordered when the process had ended: what comes later finds an end that was its own
   */
  private async end(end: ProcessEnd, order: StopOrder | undefined): Promise<void> {
    const exitCode = end.exitCode ?? undefined;
    if (order !== undefined) {
      await this.endAsOrdered(order, exitCode);
    } else if (end.exitCode === 0) {
      await this.finish('completed', { exitCode });
    } else {
      const reason = end.signal
        ? `the agent process was ended by ${end.signal}`
        : `exit code ${end.exitCode}`;
      await this.finish('failed', { exitCode, reason });
    }
  }

  private async endAsOrdered(order: StopOrder, exitCode: number | undefined): Promise<void> {
    if (order.ending === 'stopped') return this.finish('stopped', { exitCode, reason: order.reason });
    const isStored = await this.deps.confirmed(this.spawn.taskId, order.confirmUntil);
    const waiting = isStored ? '' : '; its last checkpoint is not confirmed yet';
    await this.finish('released', { exitCode, reason: `${order.reason}${waiting}` });
  }

  private async fail(error: Error): Promise<void> {
    const { message } = error;
    this.heartbeat.stop();
    if (this.stopOrder !== undefined) {
      const reason = `${this.stopOrder.reason}: ${message}`;
      return this.finish(this.stopOrder.ending, { reason });
    }
    this.logger.error({ msg: 'the task failed', taskId: this.spawn.taskId, err: error });
    this.say(`Task failed: ${message}`);
    await this.finish('failed', { reason: message });
  }

  /**
   * The report is on disk before the task counts as ended: a crash in between repeats the report, never loses
   * it.
   */
  private async finish(report: TaskReport, details: ReportDetails): Promise<void> {
    await this.report(report, details);
    await this.deps.registry.end(this.spawn.taskId);
  }

  private async report(report: TaskReport, details: ReportDetails): Promise<void> {
    const { taskId, attempt } = this.spawn;
    this.logger.log({ msg: report, taskId, attempt, ...details });
    await this.deps.reports.put(composeReport(this.deps.daemonId, this.spawn, report, details));
  }

  private say(line: string): void {
    this.deps.output.say(this.spawn, line);
  }
}
