import { describe, expect, it } from '@jest/globals';
import { execaSync } from 'execa';
import { shellCommand, shellWord } from './shell-word.js';

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

describe('shellCommand', () => {
  it('is read by a shell as the same words', () => {
    const words = ['printf', '<%s>', 'a b', '', "o'clock", '$x', '~'];
    expect(execaSync('sh', ['-c', shellCommand(words)]).stdout).toBe("<a b><><o'clock><$x><~>");
  });
});
