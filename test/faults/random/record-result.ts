import { readFile, writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import type { Options } from './options.js';
import type { Result } from './run-rounds.js';

const PAGE = 'docs/reliability.md';
const BEGIN = '<!-- results: written by the runner -->';
const END = '<!-- end of results -->';

/**
 * Puts a result into the table of docs/reliability.md, in the place of the last one of the same component.
 */
export async function recordResult(options: Options, result: Result, violationsCount: number): Promise<void> {
  const page = await readFile(PAGE, 'utf8');
  const changed = withResult(page, rowOf(options, result, violationsCount));
  await writeFile(PAGE, await format(changed, { ...(await resolveConfig(PAGE)), filepath: PAGE }));
}

/** Pure: the page with that row; rows are told apart by their first cell. */
export function withResult(page: string, row: string): string {
  const [before, rest] = [page.slice(0, page.indexOf(BEGIN)), page.slice(page.indexOf(BEGIN))];
  const [table, after] = [rest.slice(0, rest.indexOf(END)), rest.slice(rest.indexOf(END))];
  const component = (line: string): string => line.split('|')[1]!.trim();
  const lines = table.split('\n').filter((line) => line.startsWith('|'));
  const kept = lines.slice(2).filter((line) => component(line) !== component(row));
  const rows = [...kept, row].sort((a, b) => component(a).localeCompare(component(b)));
  return [before + BEGIN, '', ...lines.slice(0, 2), ...rows, '', after].join('\n');
}

function rowOf(options: Options, result: Result, violationsCount: number): string {
  const component = options.components.length === 1 ? options.components[0] : 'all';
  const strikes = [...result.strikes]
    .map(([name, count]) => `${component === 'all' ? name : name.split(' ').at(-1)} ${count}`)
    .sort()
    .join(', ');
  return `| ${component} | ${options.seed} | ${result.rounds} | ${strikes} | ${result.storedCount} | ${result.lostCount} | ${violationsCount} | ${new Date().toISOString().slice(0, 10)} |`;
}
