import { describe, expect, it } from '@jest/globals';
import { fingerprintOf, readIdempotencyKey } from './idempotency-key.js';

describe('readIdempotencyKey', () => {
  it.each([
    ['k', 'k'],
    ['"k"', 'k'],
    ['a-b_c:d/e', 'a-b_c:d/e'],
    ['~'.repeat(255), '~'.repeat(255)],
  ])('reads %s', (header, key) => {
    expect(readIdempotencyKey(header)).toBe(key);
  });

  it.each(['', '""', '"', '"k', 'k"', 'a b', 'a, b', 'a"b', 'a\\b', 'ä', 'k'.repeat(256)])(
    'refuses %j',
    (header) => {
      expect(() => readIdempotencyKey(header)).toThrow(
        expect.objectContaining({ code: 'FIELD_INVALID', path: 'Idempotency-Key' }),
      );
    },
  );
});

describe('fingerprintOf', () => {
  it('differs by path and by body', () => {
    const request = { originalUrl: '/v1/tasks', body: { name: 'a' } };
    expect(fingerprintOf({ ...request })).toBe(fingerprintOf(request));
    expect(fingerprintOf({ ...request, originalUrl: '/v1/other' })).not.toBe(fingerprintOf(request));
    expect(fingerprintOf({ ...request, body: { name: 'b' } })).not.toBe(fingerprintOf(request));
  });
});
