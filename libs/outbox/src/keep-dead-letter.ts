import { isUUID } from 'class-validator';
import type { EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { NAME_TOKEN, subjectIdentity, type ContractError } from '#contracts';
import { insertDeadLetter } from '#database';
import type { ConsumedMessage } from '#messaging';

/** Who sent a message that may be anything, as far as that can be read. */
export interface Sender {
  /** Undefined when the subject names none that could exist: then nobody can be notified. */
  daemonId: string | undefined;
  /** The task as the subject names it, which may be no UUID. */
  taskToken: string | undefined;
  taskId: string | undefined;
  eventId: string | undefined;
}

/** What was kept, and of whom. */
export interface KeptLetter {
  /** The same message refused again keeps the id that it had. */
  id: string;
  sender: Sender;
}

/**
 * Keeps a message that can never succeed, whole, whatever it holds. May run again.
 *
 * @param consumer the durable consumer that refused it
 */
export async function keepDeadLetter(
  manager: EntityManager,
  consumer: string,
  message: ConsumedMessage,
  error: ContractError,
): Promise<KeptLetter> {
  const sender = senderOf(message);
  const id = await insertDeadLetter(manager, {
    id: uuidv7(),
    consumer,
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
  return { id, sender };
}

/**
 * Daemon and task from the subject, on which permissions are given; the event's id from the body, if that can
 * be read.
 */
export function senderOf({ subject, data }: Pick<ConsumedMessage, 'subject' | 'data'>): Sender {
  const { daemonId, taskId: taskToken } = identityIn(subject);
  return {
    daemonId: daemonId !== undefined && NAME_TOKEN.test(daemonId) ? daemonId : undefined,
    taskToken,
    taskId: uuidOrNone(taskToken),
    eventId: uuidOrNone(eventIdIn(data)),
  };
}

/** A wildcard takes subjects of any length; one with too few tokens names nobody. */
function identityIn(subject: string): { daemonId?: string; taskId?: string } {
  try {
    return subjectIdentity(subject);
  } catch {
    return {};
  }
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
