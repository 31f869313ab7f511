import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { selectUntracked, type Candidate } from './select-untracked.js';

const files = (sizes: Record<string, number>): Candidate[] =>
  Object.entries(sizes).map(([path, sizeBytes]) => ({ path, sizeBytes }));

describe('selectUntracked', () => {
  const choose = (sizes: Record<string, number>, limit: number) =>
    selectUntracked(files(sizes), limit).lines.map(
      ({ path, filesCount, sizeBytes, why }) => `${path} ${filesCount ?? '-'} ${sizeBytes} ${why}`,
    );

  it.each<[string, Record<string, number>, number, string[]]>([
    ['all that fits', { a: 5, b: 5 }, 10, []],
    ['a large file stays out, small ones do not', { a: 1, large: 12, z: 1 }, 10, ['large - 12 budget']],
    ['the largest go until the rest fits', { a: 6, b: 9, c: 8 }, 10, ['b - 9 budget', 'c - 8 budget']],
    ['of one size, the last by name', { a: 4, b: 4, c: 4 }, 10, ['c - 4 budget']],
    [
      'dependencies go first, though they are small',
      { 'work.bin': 9, 'node_modules/a/x.js': 1, 'node_modules/y.js': 2 },
      10,
      ['node_modules 2 3 dependencies'],
    ],
    [
      'of several, the largest first, and no more than needed',
      { 'a/.venv/x': 3, 'node_modules/x': 6, 'src/x': 8 },
      11,
      ['node_modules 1 6 dependencies'],
    ],
    [
      'the outermost counts',
      { 'p/target/node_modules/x': 6, 'p/target/y': 6 },
      1,
      ['p/target 2 12 dependencies'],
    ],
    ['two components', { 'vendor/bundle/gem': 6, 'vendor/own.rb': 1 }, 1, ['vendor/bundle 1 6 dependencies']],
    ['a file of that name is no folder', { 'a/target': 6, b: 7 }, 6, ['b - 7 budget']],
    [
      'nor is a name that ends so',
      { 'my_node_modules/x': 6, 'nodexmodules/x': 7 },
      6,
      ['nodexmodules/x - 7 budget'],
    ],
    [
      'a folder of which nothing is left is one line',
      { 'gen/d/1': 5, 'gen/e/2': 5, b: 1 },
      1,
      ['gen 2 10 budget'],
    ],
    ['one of which something is left is not', { 'src/big': 5, 'src/small': 1 }, 1, ['src/big - 5 budget']],
    // Found by the property test, seed 7: `d` was named, and all that is tracked in it was there.
    ['one file alone keeps its name', { a: 1, 'd/b': 2 }, 0, ['d/b - 2 budget', 'a - 1 budget']],
  ])('%s', (_, sizes, limit, expected) => expect(choose(sizes, limit)).toEqual(expected));

  it('keeps its promises for any files', () => {
    const component = fc.constantFrom('a', 'b', 'c', 'src', 'node_modules', 'target');
    const path = fc.array(component, { minLength: 1, maxLength: 4 }).map((parts) => `${parts.join('/')}.x`);
    const sizes = fc.dictionary(path, fc.integer({ min: 0, max: 20 }), { maxKeys: 30 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 0, max: 100 }), (drawn, limit) => {
        const all = files(drawn);
        const { withdrawn, lines } = selectUntracked(all, limit);
        const kept = all.filter((file) => !withdrawn.has(file.path));
        const isDependency = ({ path }: Candidate): boolean => /(?:^|\/)(?:node_modules|target)\//.test(path);
        const sum = (some: readonly { sizeBytes: number }[]): number =>
          some.reduce((total, { sizeBytes }) => total + sizeBytes, 0);
        // It fits.
        expect(sum(kept)).toBeLessThanOrEqual(limit);
        // No small file is lost to a larger one, and none at all while a dependency is kept.
        const lost = all.filter((file) => withdrawn.has(file.path) && !isDependency(file));
        const smallestLost = Math.min(...lost.map(({ sizeBytes }) => sizeBytes));
        for (const file of kept) expect(file.sizeBytes).toBeLessThanOrEqual(smallestLost);
        if (lost.length > 0) expect(kept.filter(isDependency)).toEqual([]);
        // Nothing was withdrawn without need: the last one would not have fitted.
        if (lost.length > 0) expect(sum(kept) + smallestLost).toBeGreaterThan(limit);
        // The lines name all of it, once.
        expect(sum(lines)).toBe(sum(all) - sum(kept));
        expect(lines.reduce((count, { filesCount }) => count + (filesCount ?? 1), 0)).toBe(withdrawn.size);
        for (const { path } of kept) {
          expect(lines.filter((line) => path === line.path || path.startsWith(`${line.path}/`))).toEqual([]);
        }
        // The order of the listing has no say.
        expect(selectUntracked(all.toReversed(), limit)).toEqual({ withdrawn, lines });
      }),
      { numRuns: 1000 },
    );
  });
});
