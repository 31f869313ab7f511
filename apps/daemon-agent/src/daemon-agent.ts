import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import {
  BlobsMissing,
  decode,
  requireIdentity,
  WATCH_RUNNER,
  type CleanupWorktree,
  type CreateCheckpoint,
  type StopTask,
} from '#contracts';
import { removeWorktree } from '#git';
import type { AgentConfig } from './agent.config.js';
import { CaptureCheckpoint } from './capture/capture-checkpoint.js';
import { CheckpointPublisher, type CheckpointTransport } from './spool/checkpoint.publisher.js';
import { Confirmations } from './spool/confirmations.js';
import { DamagedEntries } from './spool/damaged-entries.js';
import { observeSpool } from './spool/metrics.js';
import { Spool } from './spool/spool.js';
import { DaemonHeartbeats } from './presence/daemon-heartbeats.js';
import { ReportQueue } from './report/report-queue.js';
import { TaskOutputPublisher, type Send } from './report/task-output-publisher.js';
import type { ReadSlice } from './restore/read-spawn-patch.js';
import { loadRunners } from './run/runners.js';
import type { Claim } from './run/claim-again.js';
import { SpawnIntake, type SpawnSource } from './run/spawn-intake.js';
import type { TaskDependencies } from './run/task-run.js';
import { TaskRegistry } from './state/task-registry.js';
import { TaskRuns } from './run/task-runs.js';
import { openStateFolder, type StateFolder } from './state/state-folder.js';
import { notifyNobody, notifyParent } from './report/notify-parent.js';

/** How long the removal of a worktree waits for Postgres to confirm its last checkpoint. */
const SETTLE_MILLISECONDS = 10_000;

/**
 * Of the time that a stop may take, for agent processes, last captures and their confirmations; the rest is
 * for reports.
 */
const DRAIN_SHARE = 0.75;

/** What a daemon needs of the world outside its disk. */
export interface AgentTransport extends CheckpointTransport {
  send: Send;
  spawns: SpawnSource;
  claim: Claim;
  readSlice: ReadSlice;
  olderCheckpoint: TaskDependencies['olderCheckpoint'];
}

/** A daemon's parts, put together: its disk, its tasks, and what it says to whom. */
export class DaemonAgent {
  private readonly logger = new Logger(DaemonAgent.name);
  private hasRecovered!: () => void;
  /** An order to stop may arrive before the tasks of an earlier life run again. */
  private readonly recovered = new Promise<void>((resolve) => {
    this.hasRecovered = resolve;
  });

  private constructor(
    private readonly config: AgentConfig,
    readonly daemonId: string,
    readonly folder: StateFolder,
    readonly registry: TaskRegistry,
    readonly spool: Spool,
    readonly runs: TaskRuns,
    readonly confirmations: Confirmations,
    private readonly damages: DamagedEntries,
    private readonly capturer: CaptureCheckpoint,
    private readonly publisher: CheckpointPublisher,
    private readonly reports: ReportQueue,
    private readonly intake: SpawnIntake,
    private readonly heartbeats: DaemonHeartbeats,
  ) {}

  /** Opens the state folder and wires the parts; nothing runs and nothing is sent before {@link start}. */
  static async open(config: AgentConfig, daemonId: string, transport: AgentTransport): Promise<DaemonAgent> {
    const folder = openStateFolder(config.stateDir);
    const registry = await TaskRegistry.open(folder.tasks);
    let opened: Spool | undefined;
    const notify =
      config.watchDir === undefined ? notifyNobody : notifyParent(() => opened?.pending().length ?? 0);
    const output = new TaskOutputPublisher(daemonId, transport.send, notify);
    const damages = new DamagedEntries(registry, output, (taskId) => void runs.recaptureEnded(taskId));
    const spool = await Spool.open(folder, config.spoolLimitBytes, (damaged) => damages.take(damaged));
    opened = spool;
    observeSpool(spool, folder);
    const publisher = new CheckpointPublisher(spool, transport);
    const reports = await ReportQueue.open(folder.reports, (subject, bytes) =>
      transport.publish(subject, bytes),
    );
    const heartbeats = new DaemonHeartbeats(daemonId, config, registry, spool, transport.send);
    const capturer = new CaptureCheckpoint({
      config,
      daemonId,
      folder,
      registry,
      spool,
      onSpooled: ({ event }) => {
        publisher.wake();
        if (event.success) notify({ type: 'checkpoint-captured' });
      },
      output,
    });
    const runners = loadRunners(config.runnersFile);
    const { readSlice, claim, olderCheckpoint } = transport;
    const confirmed = (taskId: string, until: number): Promise<boolean> =>
      publisher.settle(until - Date.now(), taskId);
    const own = { config, daemonId, folder, runners, registry, capturer, reports, output, notify };
    const runs = new TaskRuns({ ...own, readSlice, claim, olderCheckpoint, confirmed });
    const intake = new SpawnIntake(transport.spawns, runs, claim);
    runs.onChange(() => {
      intake.wake();
      heartbeats.beat();
    });
    const confirmations = new Confirmations(
      spool,
      registry,
      output,
      (taskId) => void runs.recaptureEnded(taskId),
      () => heartbeats.settled(),
      notify,
    );
    return new DaemonAgent(
      config,
      daemonId,
      folder,
      registry,
      spool,
      runs,
      confirmations,
      damages,
      capturer,
      publisher,
      reports,
      intake,
      heartbeats,
    );
  }

  /** Goes on with what was left, then takes new work. */
  async start(): Promise<void> {
    this.publisher.wake();
    this.reports.start();
    await this.runs.recover();
    this.hasRecovered();
    this.heartbeats.start();
    this.intake.start();
  }

  /** NATS is back: what was sent before may be lost. */
  reconnected(): void {
    this.damages.online();
    this.publisher.resendAll();
    this.heartbeats.beat();
  }

  /** @throws ContractError for a notice that is none, or is about another daemon */
  blobsMissing(subject: string, bytes: Uint8Array): void {
    const notice = decode(BlobsMissing, bytes);
    requireIdentity(subject, notice);
    this.publisher.resendBlobs(notice.checkpointEventId);
  }

  /** No new task from here on. May be called twice. */
  async stopIntake(): Promise<void> {
    await this.intake.stop();
  }

  /**
   * Releases the tasks: ends their processes, captures each worktree a last time, waits a while for
   * confirmations. What is not confirmed by then stays in the spool for the next start. May be called twice.
   */
  async finish(): Promise<void> {
    const graceMilliseconds = this.config.stopGraceSeconds * 1000;
    const deadline = Date.now() + graceMilliseconds * DRAIN_SHARE;
    this.hasRecovered();
    await this.runs.releaseAll('the daemon is stopping', deadline);
    const settled = await this.publisher.settle(deadline - Date.now());
    if (!settled) {
      this.logger.warn({ msg: 'stopping with unconfirmed checkpoints', count: this.spool.pending().length });
    }
    await this.reports.flush((graceMilliseconds * (1 - DRAIN_SHARE)) / 2);
    this.heartbeats.stop();
    this.reports.stop();
    await this.publisher.stop();
  }

  /**
   * @returns when what it is about has ended, with its last checkpoint spooled and its end reported; see
   *   `TaskRuns.stop`
   */
  async stopTask({ taskId, attempt, reason }: StopTask): Promise<void> {
    await this.recovered;
    await this.runs.stop(taskId, attempt, reason);
  }

  /** A manual checkpoint. Its outcome, good or bad, is a checkpoint event. */
  async createCheckpoint({ taskId, attempt, message }: CreateCheckpoint): Promise<void> {
    if (
      this.runs.runningAttempt(taskId) === undefined &&
      this.registry.get(taskId)?.worktreeDir === undefined
    ) {
      const error = `Task ${taskId} not found or has no worktree`;
      await this.capturer.answerFailure({ taskId, attempt }, message, error);
      return;
    }
    await this.runs.capture(taskId, { kind: 'manual', message });
  }

  /**
   * Removes the worktree of an ended task. Not while the task runs; not while it holds work that is in no
   * stored checkpoint, unless forced, and then a last capture is taken first.
   */
  async cleanupWorktree({ taskId, attempt, force }: CleanupWorktree): Promise<void> {
    const record = this.registry.get(taskId);
    const refuse = (reason: string): void =>
      this.logger.warn({ msg: 'the worktree is not removed', taskId, attempt, reason });
    if (record?.worktreeDir === undefined) return refuse('there is none here');
    if (record.spawn.runner === WATCH_RUNNER) return refuse('it is only watched, and not ours to remove');
    if (record.phase !== 'ended') return refuse('the task runs; stop it first');
    const outcome = await this.runs.capture(taskId, { kind: 'final' });
    if (outcome === 'spooled') await this.publisher.settle(SETTLE_MILLISECONDS);
    const unstored = this.spool.pending().some((entry) => entry.taskId === taskId);
    if (unstored && !force) return refuse('its last checkpoint is not confirmed yet; try again, or force it');
    await removeWorktree({ worktreeDir: record.worktreeDir, shadowDir: join(this.folder.shadows, taskId) });
    await this.registry.update(taskId, { worktreeDir: undefined, lastCapture: undefined });
  }
}
