import { Injectable } from '@nestjs/common';
import { CheckpointFailed, compose, subjects, type CheckpointCreated } from '#contracts';
import { OutboxTransaction } from '#outbox';
import { requireHolder } from '#tasks';
import { checkpointsTotal } from '../metrics.js';
import { TaskOutputLines } from '../announce/task-output-lines.js';

/**
 * A requested checkpoint could not be made (`success: false`): nothing is stored, and an event announces it.
 */
@Injectable()
export class FailedCheckpoints {
  constructor(
    private readonly outbox: OutboxTransaction,
    private readonly output: TaskOutputLines,
  ) {}

  /**
   * May run again for the same event: it is announced under the same id.
   *
   * @throws ContractError as `requireHolder`, for a daemon that does not hold the attempt
   */
  async announce(event: CheckpointCreated): Promise<void> {
    const { eventId, daemonId, taskId, attempt, kind, message } = event;
    const payload = compose(CheckpointFailed, {
      eventId,
      daemonId,
      taskId,
      attempt,
      checkpointEventId: eventId,
      kind,
      message,
      error: event.error!,
    });
    const subject = subjects.event(daemonId, taskId, 'checkpoint-failed');
    await this.outbox.run(async (manager, announce) => {
      await requireHolder(manager, taskId, event);
      await announce([{ taskId, subject, messageId: eventId, payload }]);
    });
    checkpointsTotal.inc({ result: 'failed' });
    this.output.failed(event);
  }
}
