import { createHash } from 'node:crypto';
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
    const request = { originalUrl: '/v1/tasks', body: Buffer.from('{ "name": "a" }') };
    expect(fingerprintOf({ ...request, body: Buffer.from('{"name":"a"}') })).toBe(fingerprintOf(request));
    expect(fingerprintOf({ ...request, originalUrl: '/v1/other' })).not.toBe(fingerprintOf(request));
    expect(fingerprintOf({ ...request, body: Buffer.from('{"name":"b"}') })).not.toBe(fingerprintOf(request));
  });

  it('is that of the version before, which got the body parsed', () => {
    const before = createHash('sha256').update('["/v1/tasks",{"name":"a"}]').digest('hex');
    expect(fingerprintOf({ originalUrl: '/v1/tasks', body: Buffer.from('{"name":"a"}') })).toBe(before);
  });

  it('takes what cannot be parsed, or not be written again', () => {
    const of = (text: string): string => fingerprintOf({ originalUrl: '/', body: Buffer.from(text) });
    expect(of('{')).not.toBe(of('{{'));
    expect(of('['.repeat(100_000) + ']'.repeat(100_000))).toHaveLength(64);
  });
});
