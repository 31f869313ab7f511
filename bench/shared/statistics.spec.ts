import { describe, expect, it } from '@jest/globals';
import { summarize } from './statistics.js';

describe('summarize', () => {
  it('takes the middle value of an odd count, whatever the order', () => {
    expect(summarize([30, 10, 20])).toEqual({ median: 20, min: 10, max: 30 });
  });

  it('takes the mean of the two middle values of an even count', () => {
    expect(summarize([4, 1, 3, 2])).toEqual({ median: 2.5, min: 1, max: 4 });
  });

  it('refuses to summarize nothing', () => {
    expect(() => summarize([])).toThrow('nothing to summarize');
  });
});
