import { describe, expect, it } from '@jest/globals';
import { decodeValue } from '../wire/decode.js';
import { CheckpointToRestore } from '../messages/checkpoint-to-restore.js';
import { MAX_MODE_EXCEPTIONS_BYTES } from './limits.js';

describe('the modes of a checkpoint', () => {
  const usual = { files: 0o644, executables: 0o755, folders: 0o755 };
  const read = (modes: object) => decodeValue(CheckpointToRestore, { modes }).modes;
  const named = (path: unknown, mode: unknown = 0o600) => ({
    ...usual,
    exceptions: [{ mode, paths: [path] }],
  });

  it.each(['.', 'a', 'a/b', 'secrets/', '.gitignore', '..a', 'a\nb', 'ü/\ufffd'])('may name %j', (path) => {
    expect(read(named(path))).toEqual(named(path));
  });

  it.each(['', '/a', '..', '../a', 'a/../b', './a', 'a//b', '.git', '.GIT/config', 'a/.git/', '/', 7])(
    'never name %j',
    (path) => {
      expect(() => read(named(path))).toThrow(expect.objectContaining({ code: 'FIELD_INVALID' }));
    },
  );

  it.each([0o1000, 0o4755, -1, 0.5, '600'])('are nine bits: not %j', (mode) => {
    expect(() => read(named('a', mode))).toThrow(expect.objectContaining({ code: 'FIELD_INVALID' }));
    for (const field of Object.keys(usual)) {
      expect(() => read({ ...usual, exceptions: [], [field]: mode })).toThrow(
        expect.objectContaining({ code: 'FIELD_INVALID' }),
      );
    }
  });

  it('have room for so many, in bytes', () => {
    const of = (letter: string, count: number) => named(letter.repeat(count)).exceptions[0]!;
    const exceptions = (count: number) => Array.from({ length: count }, () => of('ü', 1000));
    const fitting = Math.floor(MAX_MODE_EXCEPTIONS_BYTES / JSON.stringify(of('x', 2000)).length) - 1;
    expect(read({ ...usual, exceptions: exceptions(fitting) })!.exceptions).toHaveLength(fitting);
    expect(() => read({ ...usual, exceptions: exceptions(fitting + 2) })).toThrow('32768 bytes');
    expect(() => read(named('p'.repeat(4097)))).toThrow(expect.objectContaining({ code: 'FIELD_INVALID' }));
  });
});
