import { describe, expect, it } from '@jest/globals';
import { backoffMilliseconds } from './backoff.js';

const limits = { baseMilliseconds: 100, maxMilliseconds: 1000 };

describe('backoffMilliseconds', () => {
  it('doubles up to the ceiling', () => {
    const longest = () => 0.999999;
    expect([1, 2, 3, 4, 5, 1000].map((attempt) => backoffMilliseconds(attempt, limits, longest))).toEqual([
      100, 200, 400, 800, 1000, 1000,
    ]);
  });

  it('never waits less than half of the delay', () => {
    expect(backoffMilliseconds(3, limits, () => 0)).toBe(200);
  });
});
