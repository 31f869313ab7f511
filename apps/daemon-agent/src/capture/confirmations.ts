import { Logger } from '@nestjs/common';
import {
  CheckpointFailed,
  CheckpointRejected,
  CheckpointStored,
  ContractError,
  decode,
  requireIdentity,
} from '#contracts';
import type { Spool, StoredDigests } from './spool.js';

const NOTHING_STORED: StoredDigests = { patchSha256: undefined, bundleSha256: undefined };

/**
 * Step 3 as the agent sees it: takes an event that names one of its checkpoints and settles the spooled copy.
 *
 * Stored: removed, if what is stored is what was captured. Rejected: kept in `rejected/`. Failed (it reported a failure of
 * its own): removed. Anything else, and any repetition, changes nothing.
 */
export class Confirmations {
  private readonly logger = new Logger(Confirmations.name);

  constructor(
    private readonly spool: Spool,
    private readonly daemonId: string,
  ) {}

  async take(subject: string, bytes: Uint8Array): Promise<void> {
    try {
      await this.settle(subject, bytes);
    } catch (error) {
      if (!(error instanceof ContractError)) throw error;
      this.logger.warn({
        msg: 'an event about our checkpoints makes no sense; ignored',
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
    const { checkpointEventId, patchSha256, bundleSha256, taskId, checkpointNumber } = event;
    if (await this.spool.confirm(checkpointEventId, { patchSha256, bundleSha256 })) {
      this.logger.log({
        msg: 'stored',
        taskId,
        eventId: checkpointEventId,
        checkpointNumber,
        daemonId: this.daemonId,
      });
    }
  }

  private async rejected(subject: string, event: CheckpointRejected): Promise<void> {
    requireIdentity(subject, event);
    if (event.checkpointEventId === undefined) return;
    this.logger.error({
      msg: 'a checkpoint was rejected; its copy is kept in rejected/',
      taskId: event.taskId,
      eventId: event.checkpointEventId,
      code: event.code,
      reason: event.reason,
    });
    await this.spool.reject(event.checkpointEventId, { code: event.code, message: event.reason });
  }

  private async failed(subject: string, event: CheckpointFailed): Promise<void> {
    requireIdentity(subject, event);
    await this.spool.confirm(event.checkpointEventId, NOTHING_STORED);
  }
}
