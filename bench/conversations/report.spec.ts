import { describe, expect, it } from '@jest/globals';
import { writeReport } from './report.js';

const plan = { startBytes: 20_000_000, stepBytes: 50_000, stepsCount: 2 };
const circumstances = { takenAt: new Date('2026-01-02'), nodeVersion: '20', cores: 2, loadAtStart: 0 };
const growth = {
  contents: 'code',
  grownBytes: 100_000,
  storedBytes: 50_000,
  sentBytes: 40_000,
  floorBytes: 30_000,
};

describe('the page on conversations', () => {
  it.each([
    [{ storedBytes: 130_000 }, '1.30 at most, met'],
    [{ storedBytes: 131_000 }, '1.31 at most, missed'],
    [{ sentBytes: 140_000 }, '1.40 at most, missed'],
  ])('compares what costs most with the target: %j', (change, verdict) => {
    expect(writeReport(plan, [growth, { ...growth, ...change }], circumstances)).toContain(verdict);
  });

  it('shows each contents in a line of the table', () => {
    expect(writeReport(plan, [growth], circumstances)).toMatch(
      /^\| code +\| +100 KB \| +30 KB \| +50 KB \| +40 KB \| +0\.50 \| +0\.40 \|$/m,
    );
  });
});
