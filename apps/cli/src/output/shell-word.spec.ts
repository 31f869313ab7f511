import { describe, expect, it } from '@jest/globals';
import { execaSync } from 'execa';
import { shellWord } from './shell-word.js';

describe('shellWord', () => {
  it.each([
    'plain',
    'src/app@3',
    '',
    '~',
    '~/a',
    "it's",
    'a b',
    '$HOME',
    '`id`',
    '*',
    'a\nb',
    '-x',
    '"',
    '\\',
    'é!',
  ])('is the word %j again when a shell has read it', (text) => {
    const { stdout } = execaSync('sh', ['-c', `printf '%s.' ${shellWord(text)}`]);
    expect(stdout).toBe(`${text}.`);
  });

  it('leaves alone what needs no quotes', () => {
    expect(shellWord('patchpoint/fix-login@3')).toBe('patchpoint/fix-login@3');
  });
});
