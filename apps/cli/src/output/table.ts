import { stripVTControlCharacters } from 'node:util';
import type { Paint } from './paint.js';

/**
 * Pure: columns as wide as their widest cell, two spaces between them. Cells may be coloured.
 *
 * @param right indexes of columns with numbers
 */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  { paint, right = [] }: { paint: Paint; right?: readonly number[] },
): string {
  const lines = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...lines.map((cells) => width(cells[column] ?? ''))));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => {
        const space = ' '.repeat(widths[column]! - width(cell));
        return right.includes(column) ? space + cell : cell + space;
      })
      .join('  ')
      .trimEnd();
  return [paint('dim', line(header)), ...rows.map(line)].join('\n');
}

/** Pure: one name and value per line; those without a value are left out. */
export function fields(
  rows: readonly (readonly [string, string | null | undefined])[],
  paint: Paint,
): string {
  const present = rows.filter(([, value]) => value !== null && value !== undefined && value !== '');
  const widest = Math.max(...present.map(([name]) => name.length));
  return present.map(([name, value]) => `${paint('dim', name.padEnd(widest))}  ${value}`).join('\n');
}

function width(cell: string): number {
  return stripVTControlCharacters(cell).length;
}
