import { describe, expect, it } from '@jest/globals';
import { MAX_UNCONFIRMED_TASKS } from '#contracts';
import { countUnconfirmed } from './count-unconfirmed.js';

const now = new Date('2030-01-01T12:00:00Z');
const waiting = (taskId: string, seconds: number, isCapture = true) => ({
  taskId,
  isCapture,
  capturedAt: new Date(now.getTime() - seconds * 1000),
});

describe('countUnconfirmed', () => {
  it('counts by task, with the age of the oldest capture', () => {
    const pending = [waiting('a', 90), waiting('b', 200), waiting('a', 5.9)];
    expect(countUnconfirmed(pending, now)).toEqual([
      { taskId: 'b', count: 1, oldestAgeSeconds: 200 },
      { taskId: 'a', count: 2, oldestAgeSeconds: 90 },
    ]);
  });

  it('does not count reports of failed captures, and never returns a negative age', () => {
    expect(countUnconfirmed([waiting('a', 1, false), waiting('b', -10)], now)).toEqual([
      { taskId: 'b', count: 1, oldestAgeSeconds: 0 },
    ]);
  });

  it('lists no more tasks than a heartbeat may, and prefers those that have waited longest', () => {
    const pending = Array.from({ length: MAX_UNCONFIRMED_TASKS + 1 }, (_, n) => waiting(`task ${n}`, n));
    const named = countUnconfirmed(pending, now);
    expect(named).toHaveLength(MAX_UNCONFIRMED_TASKS);
    expect(named.map(({ taskId }) => taskId)).not.toContain('task 0');
  });
});
