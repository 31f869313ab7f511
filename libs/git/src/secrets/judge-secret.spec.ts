import { describe, expect, it } from '@jest/globals';
import { judgeSecret, type SecretFinding } from './judge-secret.js';

const untracked: SecretFinding = {
  path: 'notes.txt',
  contentId: 'a'.repeat(40),
  rules: ['github'],
  isUnscanned: false,
  isUntracked: true,
};
const tracked = { ...untracked, isUntracked: false };
const unscanned = { ...untracked, rules: [], isUnscanned: true };

describe('judgeSecret', () => {
  it.each(['include', 'omit', 'hold'] as const)(
    'does with an untracked file as the policy %s says',
    (found) => {
      expect(judgeSecret(untracked, { found, unscanned: 'include' }, undefined)).toBe(found);
    },
  );

  it('holds a tracked file that must not go, since a tree cannot be without it', () => {
    expect(judgeSecret(tracked, { found: 'omit', unscanned: 'include' }, undefined)).toBe('hold');
    expect(judgeSecret(tracked, { found: 'hold', unscanned: 'include' }, 'omit')).toBe('hold');
  });

  it('has a policy of its own for what nobody could look at', () => {
    expect(judgeSecret(unscanned, { found: 'include', unscanned: 'hold' }, undefined)).toBe('hold');
    expect(judgeSecret(unscanned, { found: 'hold', unscanned: 'include' }, undefined)).toBe('include');
  });

  it('does what a person decided of the content, whatever the policy', () => {
    expect(judgeSecret(tracked, { found: 'hold', unscanned: 'hold' }, 'release')).toBe('include');
    expect(judgeSecret(untracked, { found: 'hold', unscanned: 'hold' }, 'omit')).toBe('omit');
  });
});
