import { describe, expect, it } from '@jest/globals';
import { isUnsafePath } from './path-safety.js';
import { requireFullRef, requireRefName } from './ref-name.js';
import { isEmptyTree, isSha, requireSha } from './sha.js';

describe('paths that must never be written', () => {
  it.each([
    '',
    '/etc/passwd',
    '../x',
    'a/../x',
    'a/./x',
    'a//x',
    'a/',
    '.git/config',
    'sub/.git/hooks/post-checkout',
    '.GIT/config',
    '.Git',
    'git~1/config',
    'GIT~1',
    '.git /config',
    '.git./config',
    '.git::$INDEX_ALLOCATION/config',
    '.g\u200cit/config',
    '\ufeff.git/config',
    'a\\.git\\config',
    'nul\0byte',
  ])('%j', (path) => {
    expect(isUnsafePath(Buffer.from(path))).toBe(true);
  });

  it.each([
    'a',
    '.gitignore',
    '.github/x',
    'git',
    '.gitx',
    '...',
    'a b/ c',
    '-rf',
    ':(top)',
    'a\nb',
    'git~2',
    '.gitmodules',
  ])('but not %j', (path) => {
    expect(isUnsafePath(Buffer.from(path))).toBe(false);
  });

  it('a link in place of .gitmodules', () => {
    expect(isUnsafePath(Buffer.from('.gitmodules'), true)).toBe(true);
    expect(isUnsafePath(Buffer.from('.GITMODULES'), true)).toBe(true);
  });
});

describe('ref names', () => {
  it.each(['main', 'task/one', 'a.b-c_d', 'refs/patchpoint/0198/1', 'ünïcode', 'origin/main'])(
    'accepts %j',
    (name) => {
      expect(() => requireRefName(name, 'name')).not.toThrow();
    },
  );

  it.each([
    '',
    '-x',
    '.a',
    'a/.b',
    'a..b',
    'a.lock',
    'a.lock/b',
    'a b',
    'a\nb',
    'a~1',
    'a^',
    'a:b',
    'a?',
    'a*',
    'a[',
    'a\\b',
    'a/',
    '/a',
    'a//b',
    'a.',
    '@',
    'a@{1}',
  ])('refuses %j', (name) => {
    expect(() => requireRefName(name, 'name')).toThrow(expect.objectContaining({ code: 'BAD_REF' }));
  });

  it('asks for a full name where one is needed', () => {
    expect(() => requireFullRef('main', 'name')).toThrow(expect.objectContaining({ code: 'BAD_REF' }));
  });
});

describe('object ids', () => {
  it('are 40 or 64 lower case hex digits', () => {
    expect(isSha('a'.repeat(40))).toBe(true);
    expect(isSha('0'.repeat(64))).toBe(true);
    for (const bad of [
      '',
      'HEAD',
      'a'.repeat(39),
      'A'.repeat(40),
      `${'a'.repeat(40)}\n`,
      `-${'a'.repeat(39)}`,
    ]) {
      expect(isSha(bad)).toBe(false);
      expect(() => requireSha(bad, 'sha')).toThrow(expect.objectContaining({ code: 'BAD_SHA' }));
    }
  });

  it('know the empty tree of both formats', () => {
    expect(isEmptyTree('4b825dc642cb6eb9a060e54bf8d69288fbee4904')).toBe(true);
    expect(isEmptyTree('6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321')).toBe(true);
  });
});
