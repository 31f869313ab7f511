import { Controller } from '@nestjs/common';
import { decode, requireIdentity, TaskReported } from '#contracts';
import { Database } from '#database';
import { Consume, CONSUMERS, ConsumedMessage, DeadLetters, type Poison } from '#messaging';
import { keepDeadLetter } from '#outbox';
import { findFormerHolder, TaskSteps } from '#tasks';

/**
 * After so many deliveries (some seconds) an earlier report that is still missing is not waited for any more.
 */
const PATIENT_DELIVERIES = 10;

/** Takes in what daemons report about the attempts that they run. */
@Controller()
export class TaskReportedConsumer {
  constructor(
    private readonly steps: TaskSteps,
    private readonly database: Database,
  ) {}

  @Consume(CONSUMERS.taskReports)
  async take(message: ConsumedMessage): Promise<void> {
    const report = decode(TaskReported, message.data);
    requireIdentity(message.subject, report);
    const mayWait = message.deliveryCount < PATIENT_DELIVERIES;
    await this.steps.take(report.taskId, async (task, manager) => {
      const formerHolderId = await findFormerHolder(manager, task, report.attempt);
      return { input: { type: 'reported', ...report, formerHolderId, mayWait }, report };
    });
  }

  @DeadLetters(CONSUMERS.taskReports)
  async deadLetter({ message, error }: Poison): Promise<void> {
    await keepDeadLetter(this.database.manager, CONSUMERS.taskReports, message, error);
  }
}
