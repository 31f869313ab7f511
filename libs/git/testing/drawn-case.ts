import * as fc from 'fast-check';
import { SURVIVABLE_DEEDS } from './agent-deeds.js';
import type { Edit } from './edits.js';

/** A repository, what is done in it, and how it is captured in the end. */
export interface DrawnCase {
  /** The files before the work begins, with the attributes they are checked out by. */
  base: { attributes: string; edits: Edit[] };
  edits: Edit[];
  /** Made by Patchpoint for a task: its agent may break what lies at `.git`. Else the clone of a person. */
  isOfTask: boolean;
  limits: DrawnLimits;
  /** A file that another process rewrites in place all the time while the state is captured. */
  rewritten: { path: string; sizeBytes: number } | null;
}

/** As in a CaptureRequest. A small file never is over them: SMALL_FILE_BYTES. */
export interface DrawnLimits {
  maxPatchBytes?: number;
  untrackedFileLimitBytes?: number;
  untrackedTotalLimitBytes?: number;
}

/** All files of up to this size that a case can draw are together within each of the limits. */
export const SMALL_FILE_BYTES = 400;

/** Few, so that paths meet. */
const component = fc.constantFrom(
  'a',
  'b',
  'A',
  'a.txt',
  'b.txt',
  'd',
  'with space',
  '-dash',
  ':(x)',
  '*',
  'tab\tq',
  'n\nl',
  'ü🦜',
  '"q"',
  'b\\s',
);
const path = fc.array(component, { minLength: 1, maxLength: 3 }).map((components) => components.join('/'));

const line = fc.constantFrom('one', 'two', '', '  ', '\t', '+plus', '-minus', '@@', '\\', '$Id$', '--- a/x');
const text: fc.Arbitrary<Uint8Array> = fc
  .tuple(fc.array(fc.tuple(line, fc.constantFrom('\n', '\n', '\r\n')), { maxLength: 12 }), fc.boolean())
  .map(([lines, isCut]) => {
    const whole = lines.map((parts) => parts.join('')).join('');
    return Buffer.from(isCut ? whole.trimEnd() : whole);
  });
const content: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 4, arbitrary: text },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  { weight: 1, arbitrary: fc.constant(Buffer.from('a long text\n'.repeat(5000))) },
);

const write = fc.record({ kind: fc.constant('write' as const), path, content, executable: fc.boolean() });
const link = fc.record({
  kind: fc.constant('link' as const),
  path,
  target: fc.constantFrom('a', 'd', '../a', '/etc/hostname', 'nowhere', '.'),
});

const dependencies = fc.record({
  kind: fc.constant('dependencies' as const),
  folder: fc
    .tuple(fc.constantFrom('', 'd/', 'a/b/'), fc.constantFrom('node_modules', '.venv', 'vendor/bundle'))
    .map((parts) => parts.join('')),
  filesCount: fc.integer({ min: 1, max: 4 }),
  sizeBytes: fc.constantFrom(10, 8000),
});

const deed = fc.record({
  kind: fc.constant('deed' as const),
  script: fc.constantFrom(...SURVIVABLE_DEEDS),
});

const base: fc.Arbitrary<DrawnCase['base']> = fc.record({
  attributes: fc.constantFrom(
    '',
    '',
    '* text=auto\n',
    '* text=auto eol=crlf\n',
    '*.txt -text\n',
    '* ident\n',
  ),
  edits: fc.array(fc.oneof({ weight: 5, arbitrary: write }, { weight: 1, arbitrary: link }), {
    maxLength: 10,
  }),
});

const edits: fc.Arbitrary<Edit[]> = fc.array(
  fc.oneof(
    write,
    write,
    link,
    fc.record({ kind: fc.constant('remove' as const), path }),
    fc.record({ kind: fc.constant('rename' as const), from: path, to: path }),
    fc.record({ kind: fc.constant('toggle-executable' as const), path }),
    fc.record({
      kind: fc.constant('mode' as const),
      path,
      mode: fc.constantFrom(0o600, 0o444, 0o700),
    }),
    dependencies,
    deed,
    deed,
    fc.record({
      kind: fc.constant('ignore' as const),
      pattern: fc.constantFrom('a', '*.txt', 'd/', '/b', '!b.txt'),
    }),
    fc.record({
      kind: fc.constant('git' as const),
      args: fc.oneof(
        fc.constantFrom<string[][]>(
          ['add', '-A'],
          ['commit', '-qam', 'work'],
          ['commit', '-q', '--allow-empty', '-m', 'nothing'],
          ['checkout', '-q', '--detach'],
          ['stash', '-q'],
          ['reset', '-q'],
          ['push', '-q', 'origin', 'HEAD:refs/heads/pushed'],
        ),
        path.map((name) => ['--literal-pathspecs', 'add', '-f', '--', name]),
        path.map((name) => ['--literal-pathspecs', 'add', '-N', '-f', '--', name]),
        path.map((name) => ['--literal-pathspecs', 'rm', '-q', '-r', '--cached', '--', name]),
        path.map((name) => ['update-index', '--assume-unchanged', '--', name]),
      ),
    }),
    fc.constant({ kind: 'capture' as const }),
  ),
  { minLength: 1, maxLength: 20 },
);

const limits = fc.oneof<fc.WeightedArbitrary<DrawnLimits>[]>(
  { weight: 5, arbitrary: fc.constant({}) },
  { weight: 2, arbitrary: fc.constant({ untrackedTotalLimitBytes: 20_000 }) },
  { weight: 1, arbitrary: fc.constant({ untrackedFileLimitBytes: 30_000 }) },
  { weight: 1, arbitrary: fc.constant({ maxPatchBytes: 20_000 }) },
);

export const caseArbitrary: fc.Arbitrary<DrawnCase> = fc.record({
  base,
  edits,
  isOfTask: fc.boolean(),
  limits,
  rewritten: fc.option(fc.record({ path, sizeBytes: fc.constantFrom(100, 5000, 200_000) }), { freq: 2 }),
});
