import { describe, expect, it } from '@jest/globals';
import { sourceFaults } from './source-faults.mjs';

const faultsOf = (path: string, text: string) => sourceFaults([{ path, text }]) as string[];
const linesOf = (count: number) => 'a();\n'.repeat(count);
const commentOf = (width: number) => `// ${'x'.repeat(width - 3)}\n`;

describe('a source file', () => {
  it.each(['libs/a/src/b.ts', 'libs/a/src/b.spec.ts', 'scripts/b.mjs'])(
    'has at most 250 lines: %s',
    (path) => {
      expect(faultsOf(path, linesOf(250))).toEqual([]);
      expect(faultsOf(path, linesOf(251))).toEqual([
        `${path}: 251 lines; above 250 there are two ideas in it. Split it.`,
      ]);
    },
  );

  it('breaks its comments at 110, unless they tell a tool something', () => {
    const text = `${commentOf(110)}a();\n${commentOf(111)}// oxlint-disable ${'x'.repeat(110)}\n`;
    expect(faultsOf('libs/a/src/b.ts', text)).toEqual([
      'libs/a/src/b.ts:3: this comment is 111 wide; break it at 110.',
    ]);
  });

  it('bears the name of its one class, errors aside', () => {
    expect(faultsOf('libs/a/src/read-patch.ts', 'export class ReadPatch {}')).toEqual([]);
    expect(faultsOf('libs/a/src/not-found.ts', 'export class PatchNotFound extends Error {}')).toEqual([]);
    expect(faultsOf('libs/a/src/read-patch.ts', 'export class PatchReader {}')).toEqual([
      'libs/a/src/read-patch.ts: its class is PatchReader. Give file and class one name.',
    ]);
  });
});

describe('the outbox', () => {
  it('is written through the transaction that wakes the relay', () => {
    const text = 'await insertOutbox(manager, messages);';
    expect(faultsOf('libs/outbox/src/outbox-transaction.ts', text)).toEqual([]);
    expect(faultsOf('apps/janitor/src/sweep.ts', text)).toEqual([
      'apps/janitor/src/sweep.ts: insertOutbox is for libs/outbox. Write through OutboxTransaction, which wakes the relay.',
    ]);
  });
});

describe('a folder', () => {
  const files = (count: number, ending: string) =>
    Array.from({ length: count }, (_, index) => ({ path: `libs/a/src/${index}${ending}`, text: '' }));

  it('holds at most 25 source files, and any number of specs', () => {
    expect(sourceFaults([...files(25, '.ts'), ...files(25, '.spec.ts')])).toEqual([]);
    expect(sourceFaults(files(26, '.ts'))).toEqual([
      'libs/a/src: 26 source files; above 25 nobody finds anything. Make rooms.',
    ]);
  });
});
