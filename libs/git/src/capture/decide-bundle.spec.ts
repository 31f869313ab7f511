import { describe, expect, it } from '@jest/globals';
import { decideBundleCeiling } from './decide-bundle.js';

const LIMIT = 10_000_000;
const SMALL = { diffSizeBytes: 2000, commitsCount: 0, maxPatchBytes: LIMIT };

describe('whether a capture gets a bundle, and how large it may be', () => {
  it.each([
    ['a small diff on a commit that others have', SMALL, null],
    ['local commits', { ...SMALL, commitsCount: 1 }, LIMIT],
    ['a diff over the limit', { ...SMALL, diffSizeBytes: null }, LIMIT],
    ['a large diff: only when it is less than half of it', { ...SMALL, diffSizeBytes: 200_000 }, 100_000],
    ['a whole history that is on no remote', { ...SMALL, commitsCount: 10_001 }, null],
    ['a history that was cut off', { ...SMALL, commitsCount: null }, null],
  ])('by itself with %s', (_, facts, ceiling) => {
    expect(decideBundleCeiling('auto', facts)).toBe(ceiling);
  });

  it('always or never when told so, but not of a history that was cut off', () => {
    expect(decideBundleCeiling('always', SMALL)).toBe(LIMIT);
    expect(decideBundleCeiling('always', { ...SMALL, commitsCount: 10_001 })).toBe(LIMIT);
    expect(decideBundleCeiling('always', { ...SMALL, commitsCount: null })).toBeNull();
    expect(decideBundleCeiling('never', { ...SMALL, commitsCount: 1 })).toBeNull();
  });
});
