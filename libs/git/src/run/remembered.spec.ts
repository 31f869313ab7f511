import { describe, expect, it } from '@jest/globals';
import { Remembered } from './remembered.js';

describe('Remembered', () => {
  it('forgets what was not asked for the longest', () => {
    const remembered = new Remembered<number>(2);
    remembered.set('one', 1);
    remembered.set('two', 2);
    expect(remembered.get('one')).toBe(1);
    remembered.set('three', 3);
    expect(['one', 'two', 'three'].map((key) => remembered.get(key))).toEqual([1, undefined, 3]);
  });

  it('takes null for an answer', () => {
    const remembered = new Remembered<string | null>(1);
    remembered.set('nothing', null);
    expect(remembered.get('nothing')).toBeNull();
  });
});
