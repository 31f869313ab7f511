import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import type { CheckpointKind } from '#contracts';
import { captureWorktree, mayKeepOut, stateOf, type Capture, type SecretSettings } from '#git';
import type { AgentConfig } from '../agent.config.js';
import type { TaskOutputPublisher } from '../report/task-output-publisher.js';
import type { TaskRegistry } from '../state/task-registry.js';
import type { LastCapture, TaskRecord } from '../state/task-record.js';
import type { Conversations } from '../conversation/conversations.js';
import { logCapture } from './log-capture.js';
import { nameDiskFull } from '../state/disk-full-error.js';
import type { StateFolder } from '../state/state-folder.js';
import { captureHealth } from './capture-health.js';
import { isAlwaysMade, type CaptureOrder } from './capture-order.js';
import { composeCheckpoint, composeFailedCheckpoint, type CheckpointHead } from './compose-checkpoint.js';
import { automaticMessage } from './automatic-message.js';
import { sentWith } from '../spool/sent-conversation.js';
import type { OnProgress } from '../report/report-progress.js';
import { reliableCapture } from '../spool/last-capture.js';
import { capturesTotal, supersededTotal } from '../spool/metrics.js';
import type { Spool } from '../spool/spool.js';
import type { SpoolEntry } from '../spool/spool-entry.js';
import type { SpooledCheckpoint } from '../spool/spooled-checkpoint.js';
import { SecretHeldError, type SecretHolds } from '../secrets/secret-holds.js';
import { selectionOf } from './selection-of.js';
import { comesWithCommit, WipCommits } from './wip-commits.js';

export type CaptureOutcome = 'spooled' | 'unchanged' | 'failed';

export interface CaptureDependencies {
  config: AgentConfig;
  daemonId: string;
  folder: StateFolder;
  registry: TaskRegistry;
  spool: Spool;
  /** Called when there is something new to send. */
  onSpooled: (entry: SpoolEntry) => void;
  /** Called when a task's captures began to fail, or work again. */
  onHealthChanged: () => void;
  /** Where somebody wants to see how far each capture has come: nothing is counted for nobody. */
  onProgress: OnProgress | undefined;
  output: TaskOutputPublisher;
  conversations: Pick<Conversations, 'read'>;
  secrets: SecretSettings;
  holds: SecretHolds;
}

/**
 * Step 1: makes a checkpoint of a task's worktree and keeps it on disk until Postgres has it.
 *
 * The changes are also committed to the task's branch (`heartbeatCommit`), and pushed where the operator
 * wants it (`heartbeatPush`); the capture depends on neither. Calls for one task must follow one another.
 */
export class CaptureCheckpoint {
  private readonly logger = new Logger(CaptureCheckpoint.name);
  private readonly wipCommits: WipCommits;
  /** Undefined: nothing depends on a search, which would cost a capture of 30,000 files a tenth or more. */
  private readonly searched: SecretSettings | undefined;

  constructor(private readonly deps: CaptureDependencies) {
    this.searched = mayKeepOut(deps.secrets.policies) ? deps.secrets : undefined;
    this.wipCommits = new WipCommits(deps.config, deps.folder.shadows, deps.secrets);
  }

  /**
   * - `manual`: always answers with a checkpoint event; "no changes" and a failed commit are answers with
   *   `success: false`
   * - `final`: always makes a checkpoint, the last one of the attempt
   * - `undo`: the one that an undo went back to is its answer, and always made
   * - all others: no checkpoint if nothing has changed; of them, only `heartbeat` comes with a WIP commit
   *
   * @throws GitError, SpoolFullError or DiskFullError for heartbeat and final captures; the next capture
   *   tries again
   */
  async capture(taskId: string, order: CaptureOrder): Promise<CaptureOutcome> {
    try {
      const outcome = await this.execute(taskId, order);
      capturesTotal.inc({ outcome });
      return outcome;
    } catch (error) {
      capturesTotal.inc({ outcome: 'failed' });
      throw error;
    }
  }

  private async execute(taskId: string, order: CaptureOrder): Promise<CaptureOutcome> {
    const record = this.deps.registry.get(taskId);
    if (record?.worktreeDir === undefined) throw new Error(`Task ${taskId} has no worktree on this daemon.`);
    const message = order.message ?? automaticMessage(order.kind, new Date());
    if (order.kind === 'manual') return this.captureOnRequest(record, message);
    if (comesWithCommit(order.kind)) await this.wipCommits.tryCommit(record, message);
    const previous = isAlwaysMade(order) ? undefined : this.previousOf(record);
    return this.captureAndSpool(record, order.kind, message, previous);
  }

  /** Answers a request for a checkpoint of a task that is not here, or cannot be captured. */
  async answerFailure(
    task: { taskId: string; attempt: number },
    message: string,
    error: string,
    kind: CheckpointKind = 'manual',
  ): Promise<void> {
    const sequence = (this.deps.registry.get(task.taskId)?.sequence ?? 0) + 1;
    await this.spool(composeFailedCheckpoint(this.head({ ...task, sequence }, kind, message), error));
  }

  private async captureOnRequest(record: TaskRecord, message: string): Promise<CaptureOutcome> {
    const { taskId, attempt } = record.spawn;
    try {
      await this.wipCommits.commit(record, message);
    } catch (error) {
      await this.answerFailure({ taskId, attempt }, message, `Commit failed: ${(error as Error).message}`);
      return 'failed';
    }
    try {
      const outcome = await this.captureAndSpool(record, 'manual', message, this.previousOf(record));
      if (outcome !== 'unchanged') return outcome;
      await this.answerFailure({ taskId, attempt }, message, 'No changes to checkpoint');
    } catch (error) {
      await this.answerFailure({ taskId, attempt }, message, `Capture failed: ${(error as Error).message}`);
    }
    return 'failed';
  }

  private async captureAndSpool(
    record: TaskRecord,
    kind: CheckpointKind,
    message: string,
    previous: LastCapture | undefined,
  ): Promise<'spooled' | 'unchanged'> {
    const { taskId } = record.spawn;
    try {
      const outcome = await this.tryCapture(record, kind, message, previous);
      await this.noteHealth(taskId, this.heldError(taskId) ?? outcome);
      return outcome;
    } catch (error) {
      await this.noteHealth(taskId, error as Error);
      throw error;
    }
  }

  /** What waits for a person is in no checkpoint that others have. */
  private heldError(taskId: string): SecretHeldError | undefined {
    const eventId = this.deps.registry.get(taskId)?.lastCapture?.eventId;
    const held = eventId === undefined ? undefined : this.deps.holds.get(eventId);
    return held && new SecretHeldError(held.files);
  }

  private async noteHealth(taskId: string, newest: 'spooled' | 'unchanged' | Error): Promise<void> {
    const before = this.deps.registry.get(taskId)?.captureFailure;
    const captureFailure = captureHealth(before, newest, new Date());
    if (captureFailure === before) return;
    await this.deps.registry.note(taskId, { captureFailure });
    if (captureFailure?.reason === before?.reason) return;
    if (newest instanceof SecretHeldError) {
      this.deps.output.say(this.deps.registry.get(taskId)!.spawn, `Warning: ${newest.message}`);
    }
    this.deps.onHealthChanged();
  }

  private async tryCapture(
    record: TaskRecord,
    kind: CheckpointKind,
    message: string,
    previous: LastCapture | undefined,
  ): Promise<'spooled' | 'unchanged'> {
    const { taskId, attempt } = record.spawn;
    const sequence = record.sequence + 1;
    const head = this.head({ taskId, attempt, sequence }, kind, message);
    // Before the files: an agent that finds its last edits done is better than one that misses them.
    const found = await this.deps.conversations.read(record);
    const conversation = found.read;
    const isSameTalk = previous?.conversationDigest === conversation?.digest;
    const capture = await this.captureTree(record, sequence, isSameTalk ? previous : undefined);
    if (capture.outcome === 'unchanged') return 'unchanged';
    const entry = composeCheckpoint(head, capture, this.deps.config.patches.ttlHours, found);
    const { eventId } = entry.event;
    // Before the entry is spooled: a crash in between leaves a gap in the numbers, never a duplicate, and a
    // capture that is not in the spool is not relied upon.
    await this.deps.registry.update(taskId, {
      sequence,
      lastCapture: { eventId, ...stateOf(capture), conversationDigest: conversation?.digest },
      ...(conversation && { sentConversation: sentWith(eventId, conversation.conversation, record) }),
    });
    await this.deps.holds.holdSecretsOf(entry.event, capture.secrets);
    await this.spool(entry);
    logCapture(this.logger, record, capture);
    return 'spooled';
  }

  private captureTree(
    record: TaskRecord,
    sequence: number,
    previous: LastCapture | undefined,
  ): Promise<Capture> {
    const { taskId, attempt, baseBranch } = record.spawn;
    const { config, folder, onProgress } = this.deps;
    const shadowDir = join(folder.shadows, taskId);
    return captureWorktree({
      worktreeDir: record.worktreeDir!,
      gitDir: record.gitDir,
      ...selectionOf(config, this.searched, { shadowDir, baseBranch }),
      anchorRef: `refs/patchpoint/${taskId}/${attempt}-${sequence}`,
      bundle: config.patches.enabled ? config.bundles : 'never',
      previous,
      onProgress,
    })
      .catch((error: unknown) => {
        throw nameDiskFull(shadowDir, error);
      })
      .finally(() => onProgress?.(null));
  }

  private async spool(entry: SpoolEntry): Promise<void> {
    this.notifyEvicted(await this.deps.spool.put(entry));
    this.deps.onSpooled(entry);
  }

  private notifyEvicted(evicted: readonly SpooledCheckpoint[]): void {
    for (const { taskId, attempt, sequence, eventId } of evicted) {
      supersededTotal.inc();
      this.logger.warn({
        msg: 'an unconfirmed checkpoint was evicted for a newer one of the same attempt',
        taskId,
        attempt,
        sequence,
        eventId,
      });
      this.deps.output.say(
        { taskId, attempt },
        `Warning: the spool is full; unconfirmed checkpoint ${sequence} of this attempt was evicted for a newer one`,
      );
    }
  }

  private previousOf(record: TaskRecord): LastCapture | undefined {
    return reliableCapture(record, (eventId) => this.deps.spool.get(eventId) !== undefined);
  }

  private head(
    task: { taskId: string; attempt: number; sequence: number },
    kind: CheckpointKind,
    message: string,
  ): CheckpointHead {
    return { daemonId: this.deps.daemonId, ...task, kind, message, capturedAt: new Date() };
  }
}
