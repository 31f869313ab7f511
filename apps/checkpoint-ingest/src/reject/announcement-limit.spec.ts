import { describe, expect, it } from '@jest/globals';
import { AnnouncementLimit } from './announcement-limit.js';

describe('AnnouncementLimit', () => {
  it('lets a burst of each daemon through, then some per second', () => {
    let now = 0;
    const limit = new AnnouncementLimit(() => now);
    const allowed = (daemonId: string) =>
      Array.from({ length: 500 }, () => limit.allows(daemonId)).filter(Boolean).length;
    expect([allowed('bad'), allowed('bad'), allowed('other')]).toEqual([100, 0, 100]);
    now = 1000;
    expect(allowed('bad')).toBe(20);
    now = 1_000_000;
    expect(allowed('bad')).toBe(100);
  });
});
