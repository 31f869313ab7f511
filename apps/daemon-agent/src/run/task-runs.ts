import { Logger } from '@nestjs/common';
import pLimit from 'p-limit';
import { WATCH_RUNNER, type SpawnTask } from '#contracts';
import { Attempt, type AttemptDependencies } from './attempt.js';
import type { CaptureOrder, CaptureOutcome } from '../capture/capture-checkpoint.js';
import type { KnownWorktree } from '../restore/prepare-worktree.js';
import type { Run, StopOrder } from './run.js';
import { TaskRun, type RunOrigin, type TaskDependencies } from './task-run.js';
import { decideSpawn, isStopFor, type SpawnDecision } from './decide-spawn.js';
import { WatchRun, type WatchDependencies } from './watch-run.js';
import type { TaskRecord } from '../state/task-record.js';

/** Captures that run at once, over all tasks: git is bound by disk and CPU, and the agents need both. */
const CONCURRENT_CAPTURES = 2;

interface Running {
  run: Run;
  /** Resolves when the run has ended and its slot is free. */
  ended: Promise<void>;
}

/** What runs on this daemon now. */
export class TaskRuns {
  private readonly logger = new Logger(TaskRuns.name);
  private readonly running = new Map<string, Running>();
  private readonly capturing = pLimit(CONCURRENT_CAPTURES);
  private changed: () => void = () => undefined;

  constructor(private readonly deps: AttemptDependencies & TaskDependencies & WatchDependencies) {}

  /** @param listener called when a task was taken on, and when its slot is free again */
  onChange(listener: () => void): void {
    this.changed = listener;
  }

  freeSlots(): number {
    return this.deps.config.maxTasks - this.running.size;
  }

  /** What is to become of this order here. */
  decide(spawn: SpawnTask): SpawnDecision {
    return decideSpawn(spawn, this.deps.registry.get(spawn.taskId));
  }

  /**
   * Takes on an attempt that this daemon has claimed. Once it resolves, the order is on disk and a restart of
   * the daemon goes on with it; the work itself runs in the background.
   */
  async start(spawn: SpawnTask): Promise<void> {
    const before = this.deps.registry.get(spawn.taskId);
    await this.deps.registry.put({
      spawn,
      phase: 'preparing',
      worktreeDir: before?.worktreeDir,
      worktreeAttempt: before?.worktreeAttempt,
      branchName: before?.branchName,
      sequence: 0,
    });
    this.launch(spawn, { worktree: before && knownWorktree(before) });
  }

  /** Tells patch-store that this daemon does not carry out an attempt that it has claimed. */
  async refuse(spawn: SpawnTask, reason: string): Promise<void> {
    this.logger.warn({ msg: 'refused', taskId: spawn.taskId, attempt: spawn.attempt, reason });
    const attempt = this.attemptOf(spawn);
    attempt.say(`Refused: ${reason}`);
    await attempt.report('failed', { reason });
  }

  /**
   * Goes on with what an earlier life of this daemon was doing: ends the processes that outlived it and runs
   * their tasks again, in their worktrees, as a resume; those that have gone on elsewhere meanwhile are
   * captured a last time.
   */
  async recover(): Promise<void> {
    for (const record of this.deps.registry.active()) {
      if (record.spawn.runner === WATCH_RUNNER) {
        // Whoever watches a worktree asks for a new attempt at every start.
        await this.reportCutOff(record.spawn);
        continue;
      }
      const spawn = record.phase === 'running' ? { ...record.spawn, resumeSession: true } : record.spawn;
      this.launch(spawn, { worktree: knownWorktree(record), earlierLife: record });
    }
  }

  private async reportCutOff(spawn: SpawnTask): Promise<void> {
    const reason = 'The watch was cut off: what changed after its last checkpoint is in none of them.';
    await this.attemptOf(spawn).finish('failed', { reason });
  }

  /** The attempt of this task that runs here, if one does. */
  runningAttempt(taskId: string): number | undefined {
    return this.running.get(taskId)?.run.attempt.spawn.attempt;
  }

  /**
   * Captures the worktree of a task, also of one that has ended.
   *
   * @throws Error when the task has no worktree here
   */
  async capture(taskId: string, order: CaptureOrder): Promise<CaptureOutcome> {
    const running = this.running.get(taskId);
    if (running !== undefined) return running.run.attempt.capture(order);
    return this.capturing(() => this.deps.capturer.capture(taskId, order));
  }

  /**
   * The newest checkpoint of a task was lost before it was stored. One that runs has its next heartbeat; of
   * one that has ended the worktree is captured again now.
   */
  async recaptureEnded(taskId: string): Promise<void> {
    const record = this.deps.registry.get(taskId);
    if (this.running.has(taskId) || record?.phase !== 'ended' || record.worktreeDir === undefined) return;
    try {
      await this.capture(taskId, { kind: 'final' });
    } catch (error) {
      this.logger.error({ msg: 'capturing an ended task again failed', taskId, err: error });
    }
  }

  /**
   * Ends what runs here of the task, if the order is for it (`isStopFor`). Resolves when the attempt has
   * ended and its end is reported; at once when nothing is to be done.
   */
  async stop(taskId: string, attempt: number, reason: string): Promise<void> {
    const running = this.running.get(taskId);
    const runningAttempt = this.runningAttempt(taskId);
    if (running && isStopFor(attempt, runningAttempt)) await stop(running, { ending: 'stopped', reason });
    else this.logger.log({ msg: 'nothing to stop', taskId, attempt, running: runningAttempt });
  }

  /**
   * Ends everything that runs here, to go on elsewhere or later.
   *
   * @param confirmUntil how long a report may wait for the confirmation of a last capture, in milliseconds
   *   since 1970
   */
  async releaseAll(reason: string, confirmUntil: number): Promise<void> {
    const order: StopOrder = { ending: 'released', reason, confirmUntil };
    await Promise.all([...this.running.values()].map((running) => stop(running, order)));
  }

  private launch(spawn: SpawnTask, origin: RunOrigin): void {
    const watches = spawn.runner === WATCH_RUNNER || this.deps.config.watchDir !== undefined;
    const attempt = this.attemptOf(spawn);
    const run = watches ? new WatchRun(attempt, this.deps) : new TaskRun(attempt, origin, this.deps);
    const ended = run.execute().finally(() => {
      if (this.running.get(spawn.taskId)?.run === run) this.running.delete(spawn.taskId);
      this.deps.output.forget(spawn);
      this.changed();
    });
    this.running.set(spawn.taskId, { run, ended });
    this.changed();
  }

  private attemptOf(spawn: SpawnTask): Attempt {
    return new Attempt(spawn, this.deps, this.capturing);
  }
}

async function stop({ run, ended }: Running, order: StopOrder): Promise<void> {
  run.stop(order);
  await ended;
}

function knownWorktree(record: TaskRecord): KnownWorktree | undefined {
  const { worktreeDir, worktreeAttempt, branchName } = record;
  if (worktreeDir === undefined || worktreeAttempt === undefined) return undefined;
  return { worktreeDir, branchName: branchName ?? null, attempt: worktreeAttempt };
}
