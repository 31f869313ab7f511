import type { DeadLetterSummary, DeadLetterView } from '#contracts';
import type { DeadLetter, ListedDeadLetter } from '#database';

/** Pure: a dead letter as HTTP shows it, with its message, from its row. */
export function deadLetterView(letter: DeadLetter): DeadLetterView {
  return {
    ...deadLetterSummary(letter),
    headers: letter.headers,
    payload: letter.payload.toString('base64'),
    payloadText: textOf(letter.payload),
  };
}

/** Pure: the same without the message. */
export function deadLetterSummary(letter: ListedDeadLetter): DeadLetterSummary {
  return {
    id: letter.id,
    consumer: letter.consumer,
    subject: letter.subject,
    code: letter.code,
    path: letter.path,
    reason: letter.reason,
    daemonId: letter.daemonId,
    taskId: letter.taskId,
    eventId: letter.eventId,
    deliveredCount: letter.deliveredCount,
    payloadSizeBytes: letter.payloadSizeBytes,
    createdAt: letter.createdAt.toISOString(),
    replayedAt: letter.replayedAt?.toISOString() ?? null,
  };
}

function textOf(payload: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(payload);
  } catch {
    return null;
  }
}
