import { harmless } from '#contracts/text';
import type { Paint } from '../../output/paint.js';

/** Pure: a diff in git's colours. Control characters in its content are not passed to the terminal. */
export function patchView(diff: string, paint: Paint): string {
  return diff
    .split('\n')
    .map((line) => paintLine(harmless(line), paint))
    .join('\n');
}

function paintLine(line: string, paint: Paint): string {
  if (line === '') return line;
  if (/^(?:diff --git|index |---|\+\+\+|new file|deleted file|old mode|new mode)/.test(line))
    return paint('bold', line);
  if (line.startsWith('@@')) return paint('cyan', line);
  if (line.startsWith('+')) return paint('green', line);
  if (line.startsWith('-')) return paint('red', line);
  return line;
}
