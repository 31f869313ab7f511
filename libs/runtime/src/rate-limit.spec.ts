import { describe, expect, it } from '@jest/globals';
import { RateLimit } from './rate-limit.js';

describe('RateLimit', () => {
  it('lets a burst of each key through, then some per second', () => {
    let now = 0;
    const limit = new RateLimit({ burst: 100, perSecond: 20, now: () => now });
    const allowed = (key: string) =>
      Array.from({ length: 500 }, () => limit.allows(key)).filter(Boolean).length;
    expect([allowed('bad'), allowed('bad'), allowed('other')]).toEqual([100, 0, 100]);
    now = 1000;
    expect(allowed('bad')).toBe(20);
    now = 1_000_000;
    expect(allowed('bad')).toBe(100);
  });
});
