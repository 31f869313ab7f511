import { Controller } from '@nestjs/common';
import { isUUID } from 'class-validator';
import { v7 as uuidv7 } from 'uuid';
import { decode, requireIdentity, subjectIdentity, TaskReported } from '#contracts';
import { Database, insertDeadLetter } from '#database';
import { Consume, CONSUMERS, ConsumedMessage, DeadLetters, type Poison } from '#messaging';
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
    await insertDeadLetter(this.database.manager, {
      id: uuidv7(),
      consumer: CONSUMERS.taskReports,
      subject: message.subject,
      code: error.code,
      path: error.path,
      reason: error.message,
      payload: message.data,
      headers: message.headers,
      ...identityOf(message),
      deliveredCount: message.deliveryCount,
    });
  }
}

/** As far as it can be read from a message that may be anything. */
function identityOf({ subject, data }: ConsumedMessage): {
  daemonId?: string;
  taskId?: string;
  eventId?: string;
} {
  const { daemonId, taskId } = subjectIdentity(subject);
  return {
    daemonId: daemonId.slice(0, 64),
    taskId: uuidOrNone(taskId),
    eventId: uuidOrNone(eventIdIn(data)),
  };
}

function eventIdIn(data: Uint8Array): unknown {
  try {
    return (JSON.parse(Buffer.from(data).toString('utf8')) as { eventId?: unknown } | null)?.eventId;
  } catch {
    return undefined;
  }
}

function uuidOrNone(value: unknown): string | undefined {
  return isUUID(value) ? (value as string) : undefined;
}
