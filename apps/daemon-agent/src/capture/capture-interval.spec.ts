import { describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { millisecondsToNextCapture } from './capture-interval.js';

const INTERVAL = 300_000;
const NOW = Date.UTC(2026, 0, 23, 1, 2, 3);

describe('millisecondsToNextCapture', () => {
  it('is at most one interval, and the same phase in every interval', () => {
    const taskId = uuidv7();
    const wait = millisecondsToNextCapture(taskId, INTERVAL, NOW);
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(INTERVAL);
    expect(millisecondsToNextCapture(taskId, INTERVAL, NOW + wait)).toBe(INTERVAL);
  });

  it('spreads the captures of many worktrees over the interval', () => {
    const tenths = Array.from({ length: 10 }, () => 0);
    for (let task = 0; task < 1000; task += 1) {
      const wait = millisecondsToNextCapture(uuidv7(), INTERVAL, NOW);
      tenths[Math.min(9, Math.floor((wait / INTERVAL) * 10))]! += 1;
    }
    expect(Math.min(...tenths)).toBeGreaterThan(50);
  });
});
