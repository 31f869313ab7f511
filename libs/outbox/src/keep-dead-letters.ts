import { isUUID } from 'class-validator';
import type { EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { NAME_TOKEN, subjectIdentity, type ContractError } from '#contracts';
import { insertDeadLetters, trimDeadLetters } from '#database';
import type { ConsumedMessage, Poison } from '#messaging';

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

/** Subjects of these letters are safe wherever one may be stored; of any others, a bare letter keeps none. */
const PLAIN_SUBJECT = /^[\w.-]{1,300}$/;

/**
 * Keeps messages that can never succeed, whatever they hold; of a large one, the beginning. May run again. A
 * daemon that has too many loses its oldest.
 *
 * @param consumer the durable consumer that refused them
 * @returns what was kept of each, in their order
 */
export async function keepDeadLetters(
  manager: EntityManager,
  consumer: string,
  poisons: readonly Poison[],
): Promise<KeptLetter[]> {
  const senders = poisons.map(senderOfPoison);
  const ids = await insertDeadLetters(
    manager,
    poisons.map(({ message, error, form }, index) => ({
      id: uuidv7(),
      consumer,
      code: error.code,
      payload: message.data,
      deliveredCount: message.deliveryCount,
      ...senders[index]!,
      ...(form === 'bare' ? bareTexts(message) : textsOf(message, error)),
    })),
  );
  // In one order, so that two transactions that trim several cannot wait for each other.
  const daemonIds = new Set(senders.map(({ daemonId }) => daemonId));
  for (const daemonId of [...daemonIds].sort()) await trimDeadLetters(manager, daemonId);
  return ids.map((id, index) => ({ id, sender: senders[index]! }));
}

function senderOfPoison({ message, error, form }: Poison): Sender {
  const sender = senderOf(message, error);
  return form === 'bare' ? { ...NOBODY, daemonId: sender.daemonId } : sender;
}

const NOBODY = { daemonId: undefined, taskToken: undefined, taskId: undefined, eventId: undefined };

function textsOf({ subject, headers }: ConsumedMessage, error: ContractError) {
  return { subject, headers, path: error.path, reason: error.message };
}

function bareTexts({ subject }: ConsumedMessage) {
  return {
    subject: PLAIN_SUBJECT.test(subject) ? subject : '?',
    headers: {},
    reason: 'It could not be kept with what it says. Its payload is as it came.',
  };
}

/**
 * Daemon and task from the subject, on which permissions are given; the event's id from the body, if that can
 * be read.
 */
export function senderOf(
  { subject, data }: Pick<ConsumedMessage, 'subject' | 'data'>,
  { code }: ContractError,
): Sender {
  const { daemonId, taskId: taskToken } = identityIn(subject);
  return {
    daemonId: daemonId !== undefined && NAME_TOKEN.test(daemonId) ? daemonId : undefined,
    taskToken: taskToken !== undefined && TOKEN.test(taskToken) ? taskToken : undefined,
    taskId: uuidOrNone(taskToken),
    // What is no JSON was found out before; to find it out once more was a tenth of a flooded replica's time.
    eventId: code === 'BAD_JSON' ? undefined : uuidOrNone(eventIdIn(data)),
  };
}

/** What may stand in the subject of an event about it. */
const TOKEN = /^[\w-]{1,64}$/;

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
