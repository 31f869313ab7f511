import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { packageFolder } from '#runtime';
import { everyView, type Shown } from '../../testing/every-view.js';
import { aTask } from '../../testing/shown-data.js';
import { candidateTable } from '../find/candidate-table.js';
import { watchView } from '../commands/watch/watch.view.js';
import { forPeople } from './for-people.js';
import { plain } from './paint.js';

/** What each of these does to a terminal: clears it, retitles it, turns text around, forges a line. */
const HOSTILE = 'x\u001B[2J\u009B31m\u001B]0;t\u0007\u202Eab\u2066\r\n@9 forged\rover\u2028there\u0085next';
const ACTED_UPON = /(?![\n\t])[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u;

const sources = join(packageFolder(), 'apps/cli/src');
const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'),
);
const read = (file: string): string => readFileSync(join(sources, file), 'utf8');

/** Shown by others: a diff goes through its own, and what `up` prints is no foreign text. */
const NOT_BY_OUTPUT = new Set(['patchView', 'stackView', 'movedPortsView', 'alreadyRunsView']);

type Path = readonly (string | number)[];

/** Where the texts of some data are. */
function textsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value === 'string') return [path];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => textsOf(each, [...path, key]));
}

function withHostile(data: unknown, [key, ...rest]: Path): unknown {
  if (key === undefined) return HOSTILE;
  const copy = Array.isArray(data) ? [...(data as unknown[])] : { ...(data as object) };
  Object.assign(copy, { [key]: withHostile((data as Record<string, unknown>)[key], rest) });
  return copy;
}

const show = ({ view }: Pick<Shown, 'view'>, data: unknown): string =>
  view(forPeople(data) as never, { paint: plain, now: new Date('2030-01-01T13:00:00Z') });

/** Kinds of events and the like decide what is shown, and are ours. */
const DECIDES: ReadonlySet<string> = new Set(['event', 'stream', 'lastCapture', 'unattended']);

const fields = Object.entries(everyView).flatMap(([name, samples]) =>
  samples.flatMap((sample, n) =>
    textsOf(sample.data)
      .filter((path) => !DECIDES.has(String(path.at(-1))))
      .map((path) => [`${name} ${n + 1}: ${path.join('.')}`, sample, path] as const),
  ),
);

const expectHarmless = (text: string): void => expect(text).not.toMatch(ACTED_UPON);
const linesOf = (text: string): number => text.trimEnd().split('\n').length;

describe('hostile text in a view', () => {
  it.each(fields)('does nothing to a terminal, and forges no line (%s)', (_, sample, path) => {
    const text = show(sample, withHostile(sample.data, path));
    expectHarmless(text);
    if (!sample.severalLines?.includes(String(path.at(-1)))) {
      expect(linesOf(text)).toBe(linesOf(show(sample, sample.data)));
    }
  });

  it('is there: it is looked at in every field that a view may show', () => {
    expect(fields.length).toBeGreaterThan(300);
    const seen = show({ view: everyView['daemonsView']![0]!.view }, everyView['daemonsView']![0]!.data);
    expect(seen).toContain('1.2.3');
  });

  it('does nothing where a view knows its task already, and in a list of candidates', () => {
    const task = { ...aTask, name: HOSTILE, daemonId: HOSTILE, repoUrl: HOSTILE };
    for (const { data } of everyView['watchView']!) {
      const text = watchView(task)(data as never, { paint: plain, now: new Date() });
      expectHarmless(text);
      expect(linesOf(text)).toBeLessThan(3);
    }
    const list = candidateTable([{ task }], new Date());
    expectHarmless(list);
    expect(linesOf(list)).toBe(2);
  });
});

describe('a new view', () => {
  it('is looked at above', () => {
    const views = files
      .filter((file) => file.endsWith('.view.ts'))
      .flatMap((file) => [...read(file).matchAll(/^export function (\w+View)\b/gm)].map(([, name]) => name!));
    expect(views.length).toBeGreaterThan(15);
    expect(Object.keys(everyView).toSorted()).toEqual(
      views.filter((name) => !NOT_BY_OUTPUT.has(name)).toSorted(),
    );
  });

  it('is shown by what cleans its data: nothing else of the command line writes', () => {
    const writers = files.filter((file) =>
      /console\.(?:log|error|warn|info)\(|process\.std(?:out|err)\.write\(/.test(read(file)),
    );
    expect(writers.toSorted()).toEqual([
      'output/output.ts',
      'output/pager.ts',
      'output/print-line.ts',
      'output/steps.ts',
      'shell/report-failure.ts',
    ]);
  });
});
