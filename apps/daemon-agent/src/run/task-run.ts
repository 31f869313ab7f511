import { Logger } from '@nestjs/common';
import type { CheckpointToRestore, ContractError, RestorableCheckpointRequest, SpawnTask } from '#contracts';
import { prepareWorktree, type KnownWorktree, type PreparedWorktree } from '../restore/prepare-worktree.js';
import type { ReadSlice } from '../restore/read-spawn-patch.js';
import type { TaskOutputPublisher } from '../report/task-output-publisher.js';
import type { TaskRecord } from '../state/task-record.js';
import { endSurvivor, type AgentProcess, type ProcessEnd } from '../processes/agent-process.js';
import type { Attempt } from './attempt.js';
import { claimAgain, type Claim } from './claim-again.js';
import { restoredDetails, startedReason } from './compose-report.js';
import { decideUnattended } from './decide-unattended.js';
import { runAgent, type RunAgentDependencies } from './run-agent.js';
import type { Run, StopOrder } from './run.js';
import { setUpWorktree } from './set-up-worktree.js';
import { endStrays, findStrays, namesOf, type StrayProcess } from '../processes/stray-processes.js';

export interface TaskDependencies extends RunAgentDependencies {
  output: TaskOutputPublisher;
  readSlice: ReadSlice;
  claim: Claim;
  /** The newest restorable checkpoint of this attempt's task that is as wanted. */
  findCheckpoint: (spawn: SpawnTask, wanted: WantedCheckpoint) => Promise<CheckpointToRestore | undefined>;
  /** Whether all checkpoints of the task are stored before that time (milliseconds since 1970). */
  confirmed: (taskId: string, until: number) => Promise<boolean>;
}

/** Which checkpoints are looked for (`RestorableCheckpointRequest`). */
export type WantedCheckpoint = Pick<
  RestorableCheckpointRequest,
  'beforeNumber' | 'onlyNumber' | 'otherThanTreeSha'
>;

/** What this daemon already has of the task. */
export interface RunOrigin {
  worktree?: KnownWorktree;
  /** The record on disk, if the daemon had accepted the attempt before it was restarted. */
  earlierLife?: TaskRecord;
}

const NOT_RUN: ProcessEnd = { exitCode: null, signal: null };

/**
 * One attempt of a task that an agent works on: its worktree is prepared, its agent runs, its worktree is
 * captured, its end is reported.
 */
export class TaskRun implements Run {
  private readonly logger = new Logger(TaskRun.name);
  private readonly stopping = new AbortController();
  private process: AgentProcess | undefined;
  private stopOrder: StopOrder | undefined;
  private strays: readonly StrayProcess[] = [];

  constructor(
    readonly attempt: Attempt,
    private readonly origin: RunOrigin,
    private readonly deps: TaskDependencies,
  ) {}

  async execute(): Promise<void> {
    try {
      const refusal = this.origin.earlierLife && (await this.regain(this.origin.earlierLife));
      if (refusal) return await this.giveUp(refusal);
      const end = this.stopOrder ? NOT_RUN : await this.runAgent(await this.setUp(await this.prepare()));
      const order = this.stopOrder;
      await this.handleStrays(order);
      if (end !== NOT_RUN || this.wasRunning()) await this.attempt.tryCapture('final');
      await this.end(end, order);
    } catch (error) {
      await this.fail(error as Error);
    }
  }

  /** An order to stop for good wins even if the daemon is already releasing the task. */
  stop(order: StopOrder): void {
    if (this.stopOrder === undefined || order.ending === 'stopped') this.stopOrder = order;
    this.stopping.abort();
    void this.process?.stop(this.stopSeconds(order));
  }

  /**
   * After a restart: ends the process that outlived the daemon, and claims the attempt again. Resolves to the
   * refusal if it is no longer this daemon's.
   */
  private async regain({ process }: TaskRecord): Promise<ContractError | undefined> {
    const { spawn } = this.attempt;
    const { taskId, attempt } = spawn;
    const survived = process !== undefined && (await endSurvivor(process, this.deps.config.taskStopSeconds));
    this.logger.log({ msg: 'found a task after a restart', taskId, attempt, survived });
    await this.attempt.remember({ spawn, process: undefined });
    const claim = await claimAgain(this.deps.claim, spawn, this.stopping.signal);
    return claim.outcome === 'refused' ? claim.refusal : undefined;
  }

  /** The task has continued elsewhere, or has ended: nothing is reported, but nothing is lost either. */
  private async giveUp(refusal: ContractError): Promise<void> {
    const { taskId, attempt } = this.attempt.spawn;
    this.logger.warn({
      msg: 'a task no longer belongs to this daemon',
      taskId,
      attempt,
      reason: refusal.message,
    });
    this.attempt.say(`Not continuing attempt ${attempt} after the restart: ${refusal.message}`);
    if (this.wasRunning()) await this.attempt.tryCapture('final');
    await this.attempt.endUnreported();
  }

  private wasRunning(): boolean {
    return this.origin.earlierLife?.phase === 'running';
  }

  private async prepare(): Promise<PreparedWorktree> {
    const { attempt } = this;
    const { spawn } = attempt;
    const { config, folder, readSlice } = this.deps;
    decideUnattended(spawn, config); // refused before anything is restored
    const worktree = await prepareWorktree(spawn, this.origin.worktree, {
      config,
      folder,
      readSlice,
      say: (line) => attempt.say(line),
      olderCheckpoint: (beforeNumber) => this.deps.findCheckpoint(spawn, { beforeNumber }),
      restoreFailed: (checkpointNumber, reason) =>
        attempt.report('restore-failed', { checkpointNumber, reason }),
      signal: this.stopping.signal,
    });
    await attempt.remember({
      worktreeDir: worktree.worktreeDir,
      gitDir: worktree.gitDir,
      worktreeAttempt: spawn.attempt,
      branchName: worktree.branchName ?? undefined,
      worktreeOrigin: worktree.origin,
      ...(worktree.origin !== 'reused' && { needsSetup: true }),
    });
    if (worktree.restored) await attempt.report('restored', restoredDetails(worktree, worktree.restored));
    return worktree;
  }

  private async setUp(worktree: PreparedWorktree): Promise<PreparedWorktree> {
    const isStopped = (): boolean => this.stopOrder !== undefined;
    const started = (process: AgentProcess): Promise<void> => this.noteProcess(process);
    const setUp = await setUpWorktree(this.attempt, worktree, { isStopped, started }, this.deps);
    this.process = undefined;
    return setUp;
  }

  private async runAgent(worktree: PreparedWorktree): Promise<ProcessEnd> {
    if (this.stopOrder !== undefined) return NOT_RUN;
    return runAgent(
      this.attempt,
      worktree,
      {
        isStopped: () => this.stopOrder !== undefined,
        started: (process, from) => this.untilEnd(process, from),
      },
      this.deps,
    );
  }

  /** The program has started: records and reports that, and captures until it ends. */
  private async untilEnd(process: AgentProcess, worktree: PreparedWorktree): Promise<ProcessEnd> {
    await this.noteProcess(process);
    await this.attempt.report('started', {
      worktreeOrigin: worktree.origin,
      worktreePath: worktree.worktreeDir,
      reason: startedReason(worktree),
    });
    return this.attempt.captureUntil(process.ended);
  }

  /** From now on an order to stop ends this process; one that came before ends it now. */
  private async noteProcess(process: AgentProcess): Promise<void> {
    this.process = process;
    await this.attempt.remember({
      phase: 'running',
      process: { pid: process.pid, startedAt: process.startedAt },
    });
    if (this.stopOrder !== undefined) void process.stop(this.stopSeconds(this.stopOrder));
  }

  /** A dev server that the agent left behind goes on writing: it is named, and ended with what is stopped. */
  private async handleStrays(order: StopOrder | undefined): Promise<void> {
    const { taskId } = this.attempt.spawn;
    const { endStrays: mayEnd, taskStopSeconds } = this.deps.config;
    const worktreeDir = this.attempt.record()?.worktreeDir;
    const strays = worktreeDir === undefined ? [] : await findStrays(taskId, worktreeDir);
    if (strays.length === 0) return;
    const isEnded = mayEnd && order?.ending === 'stopped';
    if (isEnded) await endStrays(strays, taskStopSeconds);
    else this.strays = strays;
    const what = isEnded ? 'Ended, as they still ran' : 'Warning: still running';
    this.attempt.say(`${what} in the worktree after the agent: ${namesOf(strays)}`);
  }

  /** Why it ended as it did, with what outlived the agent. */
  private reasonWithStrays(reason?: string): string | undefined {
    if (this.strays.length === 0) return reason;
    const left = `still running in the worktree: ${namesOf(this.strays)}`;
    return reason === undefined ? left : `${reason}; ${left}`;
  }

  /** A release leaves at least half of the daemon's grace period for captures. */
  private stopSeconds({ ending }: StopOrder): number {
    const { taskStopSeconds, stopGraceSeconds } = this.deps.config;
    return ending === 'stopped' ? taskStopSeconds : Math.min(taskStopSeconds, stopGraceSeconds / 2);
  }

  /** @param order the order to stop that was there when the process ended; a later one comes too late */
  private async end(end: ProcessEnd, order: StopOrder | undefined): Promise<void> {
    const exitCode = end.exitCode ?? undefined;
    if (order !== undefined) {
      await this.endAsOrdered(order, exitCode);
    } else if (end.exitCode === 0) {
      await this.attempt.finish('completed', { exitCode, reason: this.reasonWithStrays() });
    } else {
      const reason = end.signal
        ? `the agent process was ended by ${end.signal}`
        : `exit code ${end.exitCode}`;
      await this.attempt.finish('failed', { exitCode, reason: this.reasonWithStrays(reason) });
    }
  }

  private async endAsOrdered(order: StopOrder, exitCode: number | undefined): Promise<void> {
    if (order.ending === 'stopped') return this.attempt.finish('stopped', { exitCode, reason: order.reason });
    const isStored = await this.deps.confirmed(this.attempt.spawn.taskId, order.confirmUntil);
    const waiting = isStored ? '' : '; its last checkpoint is not confirmed yet';
    await this.attempt.finish('released', { exitCode, reason: `${order.reason}${waiting}` });
  }

  private async fail(error: Error): Promise<void> {
    const { message } = error;
    if (this.stopOrder !== undefined) {
      const reason = `${this.stopOrder.reason}: ${message}`;
      return this.attempt.finish(this.stopOrder.ending, { reason });
    }
    this.logger.error({ msg: 'the task failed', taskId: this.attempt.spawn.taskId, err: error });
    this.attempt.say(`Task failed: ${message}`);
    await this.attempt.finish('failed', { reason: message });
  }
}
