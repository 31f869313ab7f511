import { expect, it } from '@jest/globals';
import { quantile } from './report.js';

it('takes the value that so large a share is not above', () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect([0.5, 0.99, 1].map((share) => quantile(values, share))).toEqual([50, 99, 100]);
});
