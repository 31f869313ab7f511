import { describe, expect, it } from '@jest/globals';
import { requireBranchName } from './branch-name.js';

describe('requireBranchName', () => {
  it.each(['main', 'feature/a-b', 'släkt', 'a.b', 'HEAD', 'x@y', '{x}'])('takes %s', (name) => {
    expect(() => requireBranchName(name, 'baseBranch')).not.toThrow();
  });

  it('takes none', () => {
    expect(() => requireBranchName(undefined, 'baseBranch')).not.toThrow();
  });

  it.each([
    '',
    '-x',
    '--upload-pack=touch /tmp/x',
    '/a',
    'a/',
    'a//b',
    '.a',
    'a/.b',
    'a..b',
    'a.lock',
    'a.lock/b',
    'a.',
    'a b',
    'a\tb',
    'a\nb',
    'a~1',
    'a^',
    'a:b',
    'a?',
    'a*',
    'a[b',
    'a\\b',
    'a@{1}',
    '@',
  ])('refuses %j', (name) => {
    expect(() => requireBranchName(name, 'baseBranch')).toThrow(
      expect.objectContaining({ code: 'BAD_REF', path: 'baseBranch' }),
    );
  });
});
