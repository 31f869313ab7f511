import type { ChangedFile } from '#contracts';
import { harmlessLine } from '#contracts/text';
import type { Paint } from '../output/paint.js';
import { table } from '../output/table.js';

const LETTERS = { added: 'A', modified: 'M', deleted: 'D' } as const;

/** Pure: one line per file, like `git diff --name-status`, with counts. */
export function fileLines(files: readonly ChangedFile[], paint: Paint): string[] {
  const rows = files.map(({ path, status, added, removed, binary }) => [
    `  ${LETTERS[status]}`,
    binary ? paint('dim', 'binary') : `${paint('green', `+${added}`)} ${paint('red', `−${removed}`)}`,
    harmlessLine(path),
  ]);
  return table(['', '', ''], rows, { paint }).split('\n').slice(1);
}
