import { Logger } from '@nestjs/common';
import pLimit, { type LimitFunction } from 'p-limit';
import { v7 as uuidv7 } from 'uuid';
import { compose, TaskReported, type SpawnTask, type TaskReport } from '#contracts';
import type { AgentConfig } from '../agent.config.js';
import type { CaptureOrder, CaptureOutcome, CheckpointCapturer } from '../capture/capture-checkpoint.js';
import { Heartbeats } from '../capture/heartbeat.js';
import { LineBatcher } from '../report/line-batcher.js';
import type { ReportQueue } from '../report/report-queue.js';
import type { TaskOutputPublisher } from '../report/task-output.js';
import type { StateFolder } from '../state/state-folder.js';
import { startAgentProcess, type AgentProcess, type ProcessEnd } from './agent-process.js';
import { writeHandover } from './handover.js';
import { prepareWorktree, type KnownWorktree, type PreparedWorktree } from './prepare-worktree.js';
import type { ReadSlice } from './read-spawn-patch.js';
import { invocation, type Runners } from './runners.js';
import type { TaskRegistry } from './task-registry.js';

export interface TaskDependencies {
  config: AgentConfig;
  daemonId: string;
  folder: StateFolder;
  runners: Runners;
  registry: TaskRegistry;
  capturer: CheckpointCapturer;
  reports: ReportQueue;
  output: TaskOutputPublisher;
  readSlice: ReadSlice;
}

type ReportDetails = Partial<Omit<TaskReported, 'report' | 'eventId' | 'schemaVersion'>>;

/**
 * One attempt of one task on this daemon: its worktree is prepared, its agent runs, its worktree is captured, its end is
 * reported. Runs once.
 */
export class TaskRun {
  private readonly logger = new Logger(TaskRun.name);
  /** Captures of this task follow one another. */
  private readonly oneAtATime = pLimit(1);
  private readonly heartbeat: Heartbeats;
  private process: AgentProcess | undefined;
  private stopReason: string | undefined;
  private done: Promise<void> | undefined;

  /** @param capturing bounds the captures of all tasks together */
  constructor(
    readonly spawn: SpawnTask,
    private readonly known: KnownWorktree | undefined,
    private readonly use: TaskDependencies,
    private readonly capturing: LimitFunction,
  ) {
    this.heartbeat = new Heartbeats(
      spawn.taskId,
      use.config.heartbeatIntervalSeconds,
      () => this.capture({ kind: 'heartbeat' }),
      (line) => use.output.say(spawn, line),
    );
  }

  /** Resolves when the attempt has ended and its end is on its way; never rejects. */
  run(): Promise<void> {
    this.done ??= this.carryOut();
    return this.done;
  }

  /** Captures the worktree, after any capture of it that is under way. */
  capture(order: CaptureOrder): Promise<CaptureOutcome> {
    return this.oneAtATime(() => this.capturing(() => this.use.capturer.capture(this.spawn.taskId, order)));
  }

  /** Ends it: process, final checkpoint, report. Resolves when all of that is done. May be called twice. */
  async stop(reason: string): Promise<void> {
    this.stopReason ??= reason;
    void this.process?.stop(this.use.config.taskStopSeconds);
    await this.done;
  }

  private async carryOut(): Promise<void> {
    const { spawn } = this;
    try {
      const worktree = await this.prepare();
      if (this.stopReason !== undefined) return await this.end({ exitCode: null, signal: null });
      const process = await this.startProcess(worktree);
      await this.report('started', {
        worktreeOrigin: worktree.origin,
        worktreePath: worktree.worktreeDir,
        reason: worktree.reason,
      });
      this.heartbeat.start();
      const end = await process.ended;
      this.heartbeat.stop();
      await this.captureFinal();
      await this.end(end);
    } catch (error) {
      this.logger.error({ msg: 'the task failed', taskId: spawn.taskId, err: error });
      this.use.output.say(spawn, `Task failed: ${(error as Error).message}`);
      await this.finish('failed', { reason: (error as Error).message });
    }
  }

  private async prepare(): Promise<PreparedWorktree> {
    const { spawn, known } = this;
    const { config, folder, readSlice, output, registry } = this.use;
    const say = (line: string): void => output.say(spawn, line);
    const worktree = await prepareWorktree(spawn, known, { config, folder, readSlice, say });
    await registry.update(spawn.taskId, {
      worktreeDir: worktree.worktreeDir,
      branchName: worktree.branchName ?? undefined,
      worktreeOrigin: worktree.origin,
    });
    if (worktree.restored) {
      await this.report('restored', {
        worktreePath: worktree.worktreeDir,
        checkpointNumber: spawn.checkpointNumber,
        treeSha: worktree.restored.treeSha,
        baseSha: spawn.patchBaseSha,
        patchFilesCount: spawn.patchFilesCount,
        durationMilliseconds: worktree.restored.durationMilliseconds,
        movedAsideTo: worktree.restored.movedAsideTo ?? undefined,
        commitsCount: worktree.restored.commitsCount,
        checkpointAgeSeconds: spawn.checkpointAgeSeconds,
        omissions: spawn.omissions,
        omissionsCount: spawn.omissionsCount,
        failedTries: worktree.failedTries,
      });
    }
    return worktree;
  }

  private async startProcess(worktree: PreparedWorktree): Promise<AgentProcess> {
    const { spawn } = this;
    const { config, folder, registry, output, runners } = this.use;
    const runner = runners.get(spawn.runner);
    if (runner === undefined) {
      throw new Error(
        `This daemon has no runner "${spawn.runner}"; it has ${[...runners.keys()].join(', ')}. Name one of these, or add it with PATCHPOINT_RUNNERS_FILE.`,
      );
    }
    const handover = await writeHandover(folder.handover, spawn, worktree);
    const batchers = {
      stdout: new LineBatcher((text) => output.publish(spawn, 'stdout', text)),
      stderr: new LineBatcher((text) => output.publish(spawn, 'stderr', text)),
    };
    const process = await startAgentProcess({
      ...invocation(runner, {
        plan: spawn.plan,
        ...handover,
        resumed: spawn.resumeSession,
        conversationHere: worktree.origin === 'reused',
      }),
      cwd: worktree.worktreeDir,
      environment: {
        ...config.taskEnvironment,
        PATCHPOINT_TASK_ID: spawn.taskId,
        PATCHPOINT_ATTEMPT: String(spawn.attempt),
        PATCHPOINT_RESUMED: String(spawn.resumeSession),
        ...(handover.conversationFile && { PATCHPOINT_CONVERSATION_FILE: handover.conversationFile }),
        ...(handover.recoveryBriefFile && { PATCHPOINT_RECOVERY_BRIEF: handover.recoveryBriefFile }),
      },
      onOutput: (stream, chunk) => batchers[stream].push(chunk),
    });
    this.process = process;
    void process.ended.then(() => Object.values(batchers).forEach((batcher) => batcher.end()));
    await registry.update(spawn.taskId, {
      phase: 'running',
      process: { pid: process.pid, startedAt: process.startedAt },
    });
    if (this.stopReason !== undefined) void process.stop(config.taskStopSeconds);
    return process;
  }

  /** A failure here must not hide how the task ended; the worktree stays where it is. */
  private async captureFinal(): Promise<void> {
    const { spawn } = this;
    try {
      await this.capture({ kind: 'final' });
    } catch (error) {
      this.logger.error({ msg: 'the final capture failed', taskId: spawn.taskId, err: error });
      this.use.output.say(spawn, `Warning: the final capture failed: ${(error as Error).message}`);
    }
  }

  private async end(end: ProcessEnd): Promise<void> {
    const exitCode = end.exitCode ?? undefined;
    if (this.stopReason !== undefined) {
      await this.finish('stopped', { exitCode, reason: this.stopReason });
    } else if (end.exitCode === 0) {
      await this.finish('completed', { exitCode });
    } else {
      const reason = end.signal
        ? `the agent process was ended by ${end.signal}`
        : `exit code ${end.exitCode}`;
      await this.finish('failed', { exitCode, reason });
    }
  }

  /** The report is on disk before the task counts as ended: a crash in between repeats the report, never loses it. */
  private async finish(report: TaskReport, details: ReportDetails): Promise<void> {
    await this.report(report, details);
    await this.use.registry.update(this.spawn.taskId, { phase: 'ended', process: undefined });
  }

  private async report(report: TaskReport, details: ReportDetails): Promise<void> {
    const { taskId, attempt } = this.spawn;
    this.logger.log({ msg: report, taskId, attempt, ...details });
    await this.use.reports.put(composeReport(this.use.daemonId, this.spawn, report, details));
  }
}

/** Pure but for id and time: a report of an attempt. */
export function composeReport(
  daemonId: string,
  spawn: SpawnTask,
  report: TaskReport,
  details: ReportDetails,
): TaskReported {
  return compose(TaskReported, {
    eventId: uuidv7(),
    daemonId,
    taskId: spawn.taskId,
    attempt: spawn.attempt,
    report,
    reportedAt: new Date().toISOString(),
    ...details,
    reason: details.reason?.slice(0, 8000),
  });
}
