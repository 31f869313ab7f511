import { Controller } from '@nestjs/common';
import { ContractError, decode, requireIdentity, TaskReported } from '#contracts';
import {
  Consume,
  CONSUMERS,
  ConsumedMessage,
  DeadLetters,
  SetAside,
  type Aside,
  type AsideOutcome,
  type Poison,
} from '#messaging';
import { BuryMessages, OutboxTransaction, ParkMessages } from '#outbox';
import { findFormerHolder, TaskSteps } from '#tasks';

/**
 * After so many deliveries (some seconds) an earlier report that is still missing is not waited for any more.
 */
const PATIENT_DELIVERIES = 10;

/** Takes in what daemons report about the attempts that they run. */
@Controller()
export class TaskReportedConsumer {
  private readonly letters: BuryMessages;

  constructor(
    private readonly steps: TaskSteps,
    outbox: OutboxTransaction,
    private readonly parking: ParkMessages,
  ) {
    this.letters = new BuryMessages(outbox, CONSUMERS.taskReports);
  }

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
  async deadLetter(poison: Poison): Promise<void> {
    await this.letters.bury(poison);
  }

  /** A report is not sent again: one that does not fit there is buried, from where it can be replayed. */
  @SetAside(CONSUMERS.taskReports)
  async setAside(aside: Aside): Promise<AsideOutcome> {
    if ((await this.parking.park(CONSUMERS.taskReports, aside)) === 'kept') return 'kept';
    throw new ContractError('TOO_MANY_WAITING', `Too many reports of its daemon wait: ${aside.reason}.`);
  }
}
