import { describe, expect, it } from '@jest/globals';
import { configDifference } from './config-difference.js';

describe('configDifference', () => {
  it('names what differs, and ignores what is not declared', () => {
    const declared = { max_bytes: 10, subjects: ['a.>'], discard: 'new' };
    const existing = { max_bytes: 20, subjects: ['a.>'], discard: 'new', max_msgs: -1 };
    expect(configDifference(declared, existing)).toEqual(['max_bytes']);
  });

  it('takes what the server leaves out as zero or false', () => {
    expect(configDifference({ max_age: 0, allow_direct: false }, {})).toEqual([]);
    expect(configDifference({ max_age: 1, allow_direct: true }, {})).toEqual(['max_age', 'allow_direct']);
  });
});
