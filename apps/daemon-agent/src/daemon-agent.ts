import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import {
  BlobsMissing,
  decode,
  requireIdentity,
  WATCH_RUNNER,
  UNDO_FAILED_MESSAGE,
  type CleanupWorktree,
  type CreateCheckpoint,
  type StopTask,
  type UndoWorktree,
  type WatchOrder,
} from '#contracts';
import { removeFolder, removeWorktree } from '#git';
import type { AgentConfig } from './agent.config.js';
import { endStrays, findStrays } from './processes/stray-processes.js';
import { openParts, type AgentTransport, type DaemonParts } from './daemon-parts.js';

/** How long the removal of a worktree waits for Postgres to confirm its last checkpoint. */
const SETTLE_MILLISECONDS = 10_000;

/**
 * The share of the stop's grace period for agent processes, final captures and their confirmations; the rest
 * is for reports.
 */
const DRAIN_SHARE = 0.75;

/** The daemon as a whole: its disk, its tasks, and what it sends to whom. */
export class DaemonAgent {
  private readonly logger = new Logger(DaemonAgent.name);
  private hasRecovered!: () => void;
  /** An order to stop may arrive before the tasks of an earlier life run again. */
  readonly recovered = new Promise<void>((resolve) => {
    this.hasRecovered = resolve;
  });

  readonly folder = this.parts.folder;
  readonly registry = this.parts.registry;
  readonly spool = this.parts.spool;
  readonly runs = this.parts.runs;
  readonly confirmations = this.parts.confirmations;
  readonly invalidOrders = this.parts.invalidOrders;

  private constructor(
    private readonly config: AgentConfig,
    readonly daemonId: string,
    private readonly parts: DaemonParts,
  ) {}

  /** Opens the state folder and wires the parts; nothing runs and nothing is sent before {@link start}. */
  static async open(config: AgentConfig, daemonId: string, transport: AgentTransport): Promise<DaemonAgent> {
    return new DaemonAgent(config, daemonId, await openParts(config, daemonId, transport));
  }

  /** Continues what was left, then takes new work. */
  async start(): Promise<void> {
    this.parts.publisher.wake();
    if (this.isWatcher()) this.parts.reports.hold();
    else this.parts.reports.start();
    await this.runs.recover();
    this.hasRecovered();
    this.parts.heartbeats.start();
    this.parts.intake.start();
  }

  /** NATS is back: messages sent before may be lost. */
  reconnected(): void {
    this.parts.damages.online();
    this.parts.publisher.resendAll();
    this.parts.heartbeats.beat();
    if (this.isWatcher()) this.parts.watchOrders.connectionChanged(true);
  }

  /** NATS is gone: messages sent now may be lost. */
  disconnected(): void {
    if (this.isWatcher()) this.parts.watchOrders.connectionChanged(false);
  }

  /** @throws ContractError for an invalid notice, or one about another daemon */
  blobsMissing(subject: string, bytes: Uint8Array): void {
    const notice = decode(BlobsMissing, bytes);
    requireIdentity(subject, notice);
    this.parts.publisher.resendBlobs(notice.checkpointEventId);
  }

  /** Takes no new task after this. May be called twice. */
  async stopIntake(): Promise<void> {
    await this.parts.intake.stop();
  }

  /**
   * Releases the tasks: ends their processes, takes a final capture of each worktree, waits for confirmations
   * for a limited time. Checkpoints that are not confirmed by then stay in the spool for the next start. May
   * be called twice.
   */
  async finish(): Promise<void> {
    const graceMilliseconds = this.config.stopGraceSeconds * 1000;
    const deadline = Date.now() + graceMilliseconds * DRAIN_SHARE;
    this.hasRecovered();
    await this.runs.releaseAll('the daemon is stopping', deadline);
    const settled = await this.parts.publisher.settle(deadline - Date.now());
    if (!settled) {
      this.logger.warn({ msg: 'stopping with unconfirmed checkpoints', count: this.spool.pending().length });
    }
    await this.parts.reports.flush((graceMilliseconds * (1 - DRAIN_SHARE)) / 2);
    this.parts.endpoint.stop();
    this.parts.holds.stop();
    await this.parts.scanner.close();
    this.parts.heartbeats.stop();
    this.parts.reports.stop();
    await this.parts.publisher.stop();
  }

  /**
   * @returns once the attempt has ended, with its last checkpoint spooled and its end reported; see
   *   `TaskRuns.stop`
   */
  async stopTask({ taskId, attempt, reason }: StopTask): Promise<void> {
    await this.recovered;
    await this.runs.stop(taskId, attempt, reason);
  }

  /** What whoever started this daemon to watch a worktree may order. See `WatchOrder`. */
  async obey(order: WatchOrder): Promise<void> {
    await this.recovered;
    await this.parts.watchOrders.obey(order);
  }

  private isWatcher(): boolean {
    return this.config.watchDir !== undefined;
  }

  /** A manual checkpoint. Its outcome, good or bad, is a checkpoint event. */
  async createCheckpoint({ taskId, attempt, message }: CreateCheckpoint): Promise<void> {
    if (
      this.runs.runningAttempt(taskId) === undefined &&
      this.registry.get(taskId)?.worktreeDir === undefined
    ) {
      const error = `Task ${taskId} not found or has no worktree`;
      await this.parts.capturer.answerFailure({ taskId, attempt }, message, error);
      return;
    }
    await this.runs.capture(taskId, { kind: 'manual', message });
  }

  /** Puts the worktree of an ended task back. Its outcome, good or bad, is a checkpoint event. */
  async undoWorktree(order: UndoWorktree): Promise<void> {
    await this.recovered;
    try {
      await this.runs.undo(order);
    } catch (error) {
      const { taskId, attempt } = order;
      const { message } = error as Error;
      this.logger.warn({ msg: 'the worktree is not put back', taskId, attempt, reason: message });
      await this.parts.capturer.answerFailure({ taskId, attempt }, UNDO_FAILED_MESSAGE, message, 'undo');
    }
  }

  /**
   * Removes the worktree of an ended task. Not while the task runs; not while it holds work that is in no
   * stored checkpoint, unless forced. A final capture is taken first.
   */
  async cleanupWorktree({ taskId, attempt, force }: CleanupWorktree): Promise<void> {
    const record = this.registry.get(taskId);
    const refuse = (reason: string): void =>
      this.logger.warn({ msg: 'the worktree is not removed', taskId, attempt, reason });
    if (record?.worktreeDir === undefined) return refuse('there is none here');
    if (record.spawn.runner === WATCH_RUNNER) return refuse('it is only watched, and not ours to remove');
    if (record.phase !== 'ended') return refuse('the task runs; stop it first');
    const failure = await this.captureBeforeCleanup(taskId);
    if (failure !== undefined && !force) {
      return refuse(`its last state cannot be captured: ${failure}; mend that, or force it`);
    }
    const unstored = this.spool.pending().some((entry) => entry.taskId === taskId);
    if (unstored && !force)
      return refuse('its last checkpoint is not confirmed yet; try again later, or use force');
    const { worktreeDir, gitDir, keptAside = [] } = record;
    if (this.config.endStrays) {
      const strays = await findStrays(taskId, record.worktreeDir);
      await endStrays(strays, this.config.taskStopSeconds);
    }
    for (const folder of keptAside) await removeFolder(folder);
    await removeWorktree({ worktreeDir, gitDir, shadowDir: join(this.folder.shadows, taskId) });
    await this.registry.update(taskId, {
      worktreeDir: undefined,
      gitDir: undefined,
      lastCapture: undefined,
      captureFailure: undefined,
      keptAside: undefined,
    });
    this.parts.heartbeats.beat();
  }

  /** @returns why the worktree could not be captured; undefined when it was */
  private async captureBeforeCleanup(taskId: string): Promise<string | undefined> {
    try {
      const outcome = await this.runs.capture(taskId, { kind: 'final' });
      if (outcome === 'spooled') await this.parts.publisher.settle(SETTLE_MILLISECONDS);
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  }
}
