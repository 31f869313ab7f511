import { harmless } from '#contracts/text';
import type { DeadLetterSummary, DeadLetterView } from '#contracts';
import { age, oneLine, shortId } from '../../output/format.js';
import type { Look } from '../../output/output.js';
import { fields, table } from '../../output/table.js';

/** Pure: `patchpoint dead-letters list`. */
export function deadLettersView(
  { deadLetters }: { deadLetters: readonly DeadLetterSummary[] },
  { paint, now }: Look,
): string {
  if (deadLetters.length === 0) return 'There are no dead letters.';
  const rows = deadLetters.map((letter) => [
    letter.id,
    age(letter.createdAt, now),
    paint('red', letter.code),
    letter.daemonId ?? '–',
    letter.taskId === null ? '–' : shortId(letter.taskId),
    letter.replayedAt === null ? '' : paint('yellow', 'replayed'),
    oneLine(letter.reason).slice(0, 80),
  ]);
  return table(['ID', 'AGE', 'CODE', 'DAEMON', 'TASK', '', 'REASON'], rows, { paint, right: [1] });
}

/** Pure: `patchpoint dead-letters show`. */
export function deadLetterView(letter: DeadLetterView, { paint }: Look): string {
  const head = fields(
    [
      ['dead letter', letter.id],
      ['code', paint('red', letter.code)],
      ['field', letter.path],
      ['reason', oneLine(letter.reason)],
      ['subject', oneLine(letter.subject)],
      ['refused by', letter.consumer],
      ['deliveries', String(letter.deliveredCount)],
      ['at', letter.createdAt],
      ['replayed', letter.replayedAt],
    ],
    paint,
  );
  return `${head}\n\n${harmless(letter.payloadText ?? `${letter.payload} (base64)`)}`;
}
