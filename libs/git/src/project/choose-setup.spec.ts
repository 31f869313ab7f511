import { describe, expect, it } from '@jest/globals';
import { chooseSetup } from './choose-setup.js';

describe('the setup command', () => {
  it.each([
    ["the task's", 'make', { setup: 'npm ci' }, 'make'],
    ["the repository's where the task names none", null, { setup: 'npm ci' }, 'npm ci'],
    ['none where the task says so', '', { setup: 'npm ci' }, null],
    ['none where nobody names one', undefined, null, null],
    ['none where the file names none', null, { setup: null }, null],
  ])('is %s', (_, ofTask, project, expected) => {
    expect(chooseSetup(ofTask, project)).toBe(expected);
  });
});
