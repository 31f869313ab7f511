import { expect, it } from '@jest/globals';
import { fittingSums } from './fitting-sums.js';

it.each([
  ['a file that is a little too large', 1200, 0, [950, 500, 100]],
  ['much that may compress', 9000, 0, [4000, 2000, 950, 500, 100]],
  ['a rest that needs room itself', 9000, 900, [400, 200, 95, 50, 10]],
  ['no room', 9000, 1000, []],
  ['nothing to withdraw', 0, 0, []],
])('sums to try for %s', (_, untrackedBytes, restBytes, sums) => {
  expect(fittingSums(untrackedBytes, restBytes, 1000)).toEqual(sums);
});
