import { readFile } from 'node:fs/promises';

/** The end of a log file, for an error message; or a sentence if it is empty or missing. */
export async function lastLinesOf(file: string, count = 15): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return lastLines(text.split('\n'), count);
}

/** The last `count` non-blank lines, indented. */
export function lastLines(lines: readonly string[], count = 15): string {
  const written = lines.filter((line) => line.trim() !== '').slice(-count);
  return written.length > 0 ? written.map((line) => `  ${line}`).join('\n') : '  (nothing was logged)';
}
