import { Injectable } from '@nestjs/common';
import { isUUID } from 'class-validator';
import { v7 as uuidv7 } from 'uuid';
import {
  CheckpointRejected,
  compose,
  NAME_TOKEN,
  subjectIdentity,
  subjects,
  type ContractError,
} from '#contracts';
import { insertDeadLetter, type OutboxMessage } from '#database';
import { CONSUMERS, type ConsumedMessage } from '#messaging';
import { OutboxTransaction } from '#outbox';
import { checkpointsTotal } from '../metrics.js';

/** Keeps messages that can never become a checkpoint, whole, and tells their sender. */
@Injectable()
export class RejectCheckpoint {
  constructor(private readonly outbox: OutboxTransaction) {}

  /**
   * One transaction: the dead letter, and the CheckpointRejected that announces it under its id. May run
   * again.
   */
  async reject(message: ConsumedMessage, error: ContractError): Promise<void> {
    const sender = senderOf(message);
    await this.outbox.run(async (manager, announce) => {
      const id = await insertDeadLetter(manager, {
        id: uuidv7(),
        consumer: CONSUMERS.checkpointIngest,
        subject: message.subject,
        code: error.code,
        path: error.path,
        reason: error.message,
        payload: message.data,
        headers: message.headers,
        daemonId: sender.daemonId,
        taskId: sender.taskId,
        eventId: sender.eventId,
        deliveredCount: message.deliveryCount,
      });
      await announce(announcements(id, sender, error));
    });
    checkpointsTotal.inc({ result: 'rejected' });
  }
}

interface Sender {
  /** Undefined when the subject names none that could exist: then nobody can be told. */
  daemonId: string | undefined;
  /** The task as the subject names it, which may be no UUID. */
  taskToken: string;
  taskId: string | undefined;
  eventId: string | undefined;
}

function announcements(letterId: string, sender: Sender, error: ContractError): OutboxMessage[] {
  const { daemonId, taskId, taskToken, eventId } = sender;
  if (daemonId === undefined) return [];
  const payload = compose(CheckpointRejected, {
    eventId: letterId,
    daemonId,
    taskId,
    checkpointEventId: eventId,
    code: error.code,
    path: error.path && readable(error.path, 1000),
    reason: readable(error.message, 8000),
  });
  const subject = subjects.event(daemonId, taskToken, 'checkpoint-rejected');
  return [{ taskId: taskId ?? null, subject, messageId: letterId, payload }];
}

/** What is said about a broken message may quote it. */
function readable(text: string, maxLength: number): string {
  return text.replaceAll('\0', '\uFFFD').slice(0, maxLength);
}

/**
 * Daemon and task from the subject, on which permissions are given; the event's id from the body, if that can
 * be read.
 */
function senderOf({ subject, data }: ConsumedMessage): Sender {
  const { daemonId, taskId: taskToken } = subjectIdentity(subject);
  return {
    daemonId: NAME_TOKEN.test(daemonId) ? daemonId : undefined,
    taskToken: taskToken!,
    taskId: uuidOrNone(taskToken),
    eventId: uuidOrNone(eventIdIn(data)),
  };
}

function eventIdIn(data: Uint8Array): unknown {
  try {
    const body: unknown = JSON.parse(Buffer.from(data).toString('utf8'));
    return (body as { eventId?: unknown } | null)?.eventId;
  } catch {
    return undefined;
  }
}

function uuidOrNone(value: unknown): string | undefined {
  return isUUID(value) ? (value as string) : undefined;
}
