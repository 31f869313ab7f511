import { describe, expect, it } from '@jest/globals';
import type { Reading, Refusal } from './measure-decoding.js';
import { writeReport } from './report.js';

const circumstances = { takenAt: new Date('2026-01-02'), nodeVersion: '20', cores: 2, loadAtStart: 0 };
const refusal: Refusal = {
  kind: 'nesting',
  sizeBytes: 10_000,
  outcome: 'TOO_DEEP',
  milliseconds: 1,
  formerMilliseconds: 20,
};
const reading: Reading = { kind: 'a patch', microseconds: 100, formerMicroseconds: 100 };
const page = (more: Partial<Refusal>, change: Partial<Reading> = {}): string =>
  writeReport(
    [refusal, { ...refusal, sizeBytes: 100_000, ...more }],
    [reading, { ...reading, ...change }],
    circumstances,
  );

describe('the page on decoding', () => {
  it.each([
    [{ milliseconds: 10 }, '1.00 at most, met'],
    [{ milliseconds: 20.1 }, '2.01 at most, missed'],
    [{ milliseconds: 100 }, '10.00 at most, missed'],
  ])('compares the growth of the time with that of the size: %j', (more, verdict) => {
    expect(page(more)).toContain(`as the size. Measured: ${verdict}`);
  });

  it('compares each kind with itself', () => {
    const slow = { ...refusal, kind: 'keys', milliseconds: 1000 };
    const pages = writeReport([refusal, slow, { ...slow, sizeBytes: 20_000 }], [reading], circumstances);
    expect(pages).toContain('as the size. Measured: 0.50 at most, met');
  });

  it.each([
    [{ microseconds: 105 }, '1.05 at most, met'],
    [{ microseconds: 106 }, '1.06 at most, missed'],
  ])('compares messages that are read with the time before: %j', (change, verdict) => {
    expect(page({}, change)).toContain(`of the time before. Measured: ${verdict}`);
  });

  it('shows what was not tried', () => {
    expect(page({ formerMilliseconds: null })).toMatch(
      /^\| nesting +\| +100 KB \| +TOO_DEEP \| +1\.0 \| +– \|$/m,
    );
  });
});
