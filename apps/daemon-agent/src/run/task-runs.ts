import { Logger } from '@nestjs/common';
import pLimit from 'p-limit';
import { WATCH_RUNNER, type OfflineTask, type SpawnTask, type UndoWorktree } from '#contracts';
import { Attempt, type AttemptDependencies } from './attempt.js';
import type { CaptureOutcome } from '../capture/capture-checkpoint.js';
import type { CaptureOrder } from '../capture/capture-order.js';
import type { KnownWorktree } from '../restore/prepare-worktree.js';
import type { Run, StopOrder } from './run.js';
import { TaskRun, type RunOrigin, type TaskDependencies } from './task-run.js';
import { decideSpawn, isStopFor, type SpawnDecision } from './decide-spawn.js';
import { offlineSpawn } from './offline-spawn.js';
import { Undos } from './undos.js';
import { WatchRun, type WatchDependencies } from './watch-run.js';
import type { DeliveryGate } from '../spool/delivery-gate.js';
import type { Spool } from '../spool/spool.js';
import type { TaskRecord } from '../state/task-record.js';

/** Concurrent captures of all tasks together: git is bound by disk and CPU, and the agents need both. */
const CONCURRENT_CAPTURES = 2;

export type RunsDependencies = AttemptDependencies &
  TaskDependencies &
  WatchDependencies & {
    spool: Pick<Spool, 'moveToAttempt'>;
    gate: Pick<DeliveryGate, 'open'>;
  };

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

  private readonly undos: Undos;

  constructor(private readonly deps: RunsDependencies) {
    this.undos = new Undos(deps);
  }

  /** @param listener called when a task was accepted, and when its slot is free again */
  onChange(listener: () => void): void {
    this.changed = listener;
  }

  freeSlots(): number {
    return this.deps.config.maxTasks - this.running.size;
  }

  /** What to do with this order. */
  decide(spawn: SpawnTask): SpawnDecision {
    return decideSpawn(spawn, this.deps.registry.get(spawn.taskId));
  }

  /**
   * Accepts an attempt that this daemon has claimed. Once it resolves, the order is on disk and a restarted
   * daemon continues it; the work itself runs in the background.
   */
  start(spawn: SpawnTask): Promise<void> {
    return this.undos.between(spawn.taskId, () => this.accept(spawn));
  }

  private async accept(spawn: SpawnTask): Promise<void> {
    await this.handOver(spawn.taskId, false); // a watch that went on without patch-store
    const before = this.deps.registry.get(spawn.taskId);
    await this.deps.registry.put({
      spawn,
      phase: 'preparing',
      worktreeDir: before?.worktreeDir,
      gitDir: before?.gitDir,
      worktreeAttempt: before?.worktreeAttempt,
      branchName: before?.branchName,
      needsSetup: before?.needsSetup,
      sessionId: before?.sessionId,
      forkedSessionId: before?.forkedSessionId,
      ...(before?.isUnclaimed ? await this.goOnFrom(before, spawn.attempt) : { sequence: 0 }),
    });
    this.deps.gate.open(spawn.taskId);
    this.launch(spawn, { worktree: before && knownWorktree(before) });
  }

  /** What was captured before any patch-store gave this daemon an attempt is of the first that one gives. */
  private async goOnFrom(
    { spawn: { taskId }, lastCapture }: TaskRecord,
    attempt: number,
  ): Promise<Pick<TaskRecord, 'sequence' | 'lastCapture'>> {
    return { sequence: await this.deps.spool.moveToAttempt(taskId, attempt), lastCapture };
  }

  /**
   * Watches the worktree without patch-store: as the attempt that this daemon had last, whose numbers go on,
   * or as one that is unclaimed.
   */
  async watchOffline(task: OfflineTask): Promise<void> {
    const { taskId } = task;
    if (this.running.has(taskId)) return;
    const known = this.deps.registry.get(taskId);
    const isUnclaimed = known === undefined || known.isUnclaimed;
    const spawn = isUnclaimed ? offlineSpawn(task, known?.spawn.attempt ?? 1) : known.spawn;
    await this.deps.registry.put({ sequence: 0, ...known, spawn, phase: 'ended', isUnclaimed });
    this.run(spawn, new WatchRun(this.attemptOf(spawn), this.deps, true));
  }

  /**
   * Ends the watch of a task without a last capture or a report: patch-store will give the task to this
   * daemon again. Resolves when nothing of it is under way.
   *
   * @param isUnknown patch-store has no such task: what waits is of no attempt of it
   */
  async handOver(taskId: string, isUnknown: boolean): Promise<void> {
    const running = this.running.get(taskId);
    if (running?.run instanceof WatchRun) {
      running.run.handOver();
      await running.ended;
    }
    if (isUnknown && this.deps.registry.get(taskId) !== undefined) {
      await this.deps.registry.update(taskId, { isUnclaimed: true });
    }
  }

  /** Reports to patch-store that this daemon does not run an attempt that it has claimed. */
  async refuse(spawn: SpawnTask, reason: string): Promise<void> {
    this.logger.warn({ msg: 'refused', taskId: spawn.taskId, attempt: spawn.attempt, reason });
    const attempt = this.attemptOf(spawn);
    attempt.say(`Refused: ${reason}`);
    await attempt.report('failed', { reason });
  }

  /**
   * Continues what this daemon was doing before it was restarted: ends the processes that outlived it and
   * runs their tasks again, in their worktrees, as a resume; tasks that have continued elsewhere get a final
   * capture.
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
   * Captures the worktree of a task, even of one that has ended.
   *
   * @throws Error when the task has no worktree here
   */
  async capture(taskId: string, order: CaptureOrder): Promise<CaptureOutcome> {
    const running = this.running.get(taskId);
    if (running !== undefined) return running.run.attempt.capture(order);
    return this.undos.between(taskId, () => this.capturing(() => this.deps.capturer.capture(taskId, order)));
  }

  /** Puts the worktree of an ended task back to an older checkpoint; see `undoWorktree`. */
  undo(order: UndoWorktree): Promise<void> {
    const recordOf = () => this.deps.registry.get(order.taskId);
    return this.undos.run(order, recordOf, (spawn) => this.attemptOf(spawn));
  }

  /**
   * The newest checkpoint of a task was lost before it was stored. A running task has its next regular
   * capture; the worktree of an ended one is captured again now.
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
   * Ends the task's attempt here, if the order applies to it (`isStopFor`). Resolves when the attempt has
   * ended and its end is reported; at once if there is nothing to do.
   */
  async stop(taskId: string, attempt: number, reason: string): Promise<void> {
    const running = this.running.get(taskId);
    const runningAttempt = this.runningAttempt(taskId);
    if (running && isStopFor(attempt, runningAttempt)) await stop(running, { ending: 'stopped', reason });
    else this.logger.log({ msg: 'nothing to stop', taskId, attempt, running: runningAttempt });
  }

  /**
   * Ends everything that runs here, to be continued elsewhere or later.
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
    this.run(spawn, watches ? new WatchRun(attempt, this.deps) : new TaskRun(attempt, origin, this.deps));
  }

  private run(spawn: SpawnTask, run: Run): void {
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
  const { worktreeDir, gitDir, worktreeAttempt, branchName } = record;
  if (worktreeDir === undefined || worktreeAttempt === undefined) return undefined;
  return { worktreeDir, gitDir, branchName: branchName ?? null, attempt: worktreeAttempt };
}
