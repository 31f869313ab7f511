import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { gunzipWithCeiling } from './gunzip-with-ceiling.js';

describe('gunzipWithCeiling', () => {
  const packed = gzipSync('some text\n'.repeat(100));

  it('unpacks, nothing too', async () => {
    expect((await gunzipWithCeiling(packed, 1000)).toString()).toBe('some text\n'.repeat(100));
    expect(await gunzipWithCeiling(gzipSync(''), 0)).toHaveLength(0);
  });

  it('stops a bomb', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    await expect(gunzipWithCeiling(bomb, 1_000_000)).rejects.toMatchObject({ code: 'PATCH_TOO_LARGE' });
  });

  it.each([
    ['nothing', Buffer.alloc(0), 'NOT_GZIP'],
    ['text', Buffer.from('diff --git'), 'NOT_GZIP'],
    ['a stream cut short', packed.subarray(0, -5), 'GZIP_CORRUPT'],
    ['a wrong checksum', Buffer.concat([packed.subarray(0, -8), Buffer.alloc(8)]), 'GZIP_CORRUPT'],
    ['bytes after the end', Buffer.concat([packed, Buffer.from('more')]), 'GZIP_CORRUPT'],
  ])('refuses %s', async (_, data, code) => {
    await expect(gunzipWithCeiling(data, 10_000)).rejects.toMatchObject({ code });
  });
});
