import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { packageFolder } from '#runtime';
import { FAULT_NUMBERS, ONLY_IN_FAULT_RUNS } from '../testing/fault.js';

describe('the catalogue of faults', () => {
  const page = readFileSync(join(packageFolder(), 'docs/reliability.md'), 'utf8');
  const rows = [...page.matchAll(/^\| (F\d+) .*\| `([^`]+)` +\|$/gm)];

  it('has every number, in order', () => {
    expect(rows.map(([, number]) => number)).toEqual(FAULT_NUMBERS);
  });

  it.each(rows.map(([, number, file]) => [number!, file!]))('finds %s in %s', (number, file) => {
    const spec = readFileSync(join(packageFolder(), file), 'utf8');
    expect(spec).toMatch(new RegExp(`'${number}[ ']`));
  });

  it('has no case in a spec file that it does not name', () => {
    const specs = readdirSync(join(packageFolder(), 'test/faults')).filter((file) =>
      file.endsWith('.spec.ts'),
    );
    const cases = specs.flatMap((file) =>
      [
        ...readFileSync(join(packageFolder(), 'test/faults', file), 'utf8').matchAll(/fault\(\s*'(F\d+)'/g),
      ].map(([, number]) => `${number} test/faults/${file}`),
    );
    const named = new Set(rows.map(([, number, file]) => `${number} ${file}`));
    expect(cases.filter((found) => !named.has(found))).toEqual([]);
    expect(FAULT_NUMBERS).toEqual(expect.arrayContaining(Object.keys(ONLY_IN_FAULT_RUNS)));
  });
});
