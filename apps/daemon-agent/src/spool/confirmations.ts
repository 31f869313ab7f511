import { Logger } from '@nestjs/common';
import {
  CheckpointFailed,
  CheckpointRejected,
  CheckpointStored,
  ContractError,
  decode,
  requireIdentity,
} from '#contracts';
import type { TaskOutputPublisher } from '../report/task-output-publisher.js';
import type { TaskRecord } from '../state/task-record.js';
import type { TaskRegistry } from '../state/task-registry.js';
import { notifyNobody, type Notify } from '../report/notify-parent.js';
import { afterRejected, afterStored } from './last-capture.js';
import { conversationAfterStored } from './sent-conversation.js';
import type { Spool } from './spool.js';
import type { StoredDigests } from './spooled-checkpoint.js';

const NOTHING_STORED: StoredDigests = { patchSha256: undefined, bundleSha256: undefined };

/**
 * Step 3 as the agent sees it: takes an event that names one of its checkpoints and settles the spooled copy.
 *
 * Stored: removed, if what is stored is what was captured. Rejected: kept in `rejected/`. Failed (it reported
 * a failure of its own): removed. Anything else, and any duplicate, changes nothing.
 */
export class Confirmations {
  private readonly logger = new Logger(Confirmations.name);

  constructor(
    private readonly spool: Spool,
    private readonly registry: TaskRegistry,
    private readonly output: TaskOutputPublisher,
    /** A task's newest checkpoint will never be stored. */
    private readonly onLost: (taskId: string) => void,
    /** A checkpoint has left the spool. */
    private readonly onSettled: () => void,
    private readonly notify: Notify = notifyNobody,
  ) {}

  async take(subject: string, bytes: Uint8Array): Promise<void> {
    try {
      await this.settle(subject, bytes);
    } catch (error) {
      if (!(error instanceof ContractError)) throw error;
      this.logger.warn({
        msg: 'ignored an invalid event about a checkpoint of this daemon',
        subject,
        err: error,
      });
    }
  }

  private async settle(subject: string, bytes: Uint8Array): Promise<void> {
    switch (subject.slice(subject.lastIndexOf('.') + 1)) {
      case 'checkpoint-stored':
        return this.stored(subject, decode(CheckpointStored, bytes));
      case 'checkpoint-rejected':
        return this.rejected(subject, decode(CheckpointRejected, bytes));
      case 'checkpoint-failed':
        return this.failed(subject, decode(CheckpointFailed, bytes));
    }
  }

  private async stored(subject: string, event: CheckpointStored): Promise<void> {
    requireIdentity(subject, event);
    const { checkpointEventId, patchSha256, bundleSha256, conversationSha256, taskId, checkpointNumber } =
      event;
    const stored = { patchSha256, bundleSha256, conversationSha256 };
    if (!(await this.spool.confirm(checkpointEventId, stored))) return;
    this.onSettled();
    this.logger.log({ msg: 'stored', taskId, eventId: checkpointEventId, checkpointNumber });
    this.notify({ type: 'checkpoint-stored', checkpoint: event });
    const record = this.recordOf(taskId, checkpointEventId);
    if (record === undefined) return;
    const { lastCapture } = await this.registry.update(taskId, {
      ...afterStored(record.lastCapture!),
      ...conversationAfterStored(record, event),
    });
    if (lastCapture === undefined) this.onLost(taskId);
  }

  private async rejected(subject: string, event: CheckpointRejected): Promise<void> {
    requireIdentity(subject, event);
    const { checkpointEventId: eventId, code, reason } = event;
    const entry = eventId === undefined ? undefined : this.spool.get(eventId);
    if (entry === undefined) return;
    const { taskId, attempt } = entry;
    const msg = 'a checkpoint was rejected; its copy is kept in rejected/';
    this.logger.error({ msg, taskId, eventId, code, reason });
    this.output.say({ taskId, attempt }, `Warning: ${msg}: ${code}: ${reason}`);
    await this.spool.reject(entry.eventId, { code, message: reason });
    this.onSettled();
    const record = this.recordOf(taskId, entry.eventId);
    if (record === undefined) return;
    const { lastCapture } = await this.registry.update(
      taskId,
      afterRejected(record.lastCapture!, code, record.recapturedTreeSha),
    );
    if (lastCapture === undefined) this.onLost(taskId);
  }

  /** The task, if that checkpoint is its newest. */
  private recordOf(taskId: string, eventId: string): TaskRecord | undefined {
    const record = this.registry.get(taskId);
    return record?.lastCapture?.eventId === eventId ? record : undefined;
  }

  private async failed(subject: string, event: CheckpointFailed): Promise<void> {
    requireIdentity(subject, event);
    if (await this.spool.confirm(event.checkpointEventId, NOTHING_STORED)) this.onSettled();
  }
}
