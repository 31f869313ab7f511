import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { verifyPatch } from './verify-patch.js';

const text = Buffer.from('diff --git a/a b/a\n'.repeat(100));
const good = gzipSync(text);
const limits = { maxSizeBytes: 10_000, maxUncompressedSizeBytes: 100_000 };

function withByteFlipped(data: Buffer, offset: number): Buffer {
  const copy = Buffer.from(data);
  copy[offset]! ^= 1;
  return copy;
}

describe('verifyPatch', () => {
  it('tells digest and sizes of a good patch', async () => {
    const sha256 = createHash('sha256').update(good).digest('hex');
    const facts = { sha256, sizeBytes: good.length, uncompressedSizeBytes: text.length };
    await expect(verifyPatch(good)).resolves.toEqual(facts);
    await expect(verifyPatch(good, facts)).resolves.toEqual(facts);
  });

  it('takes an empty patch, which stands for a clean worktree', async () => {
    await expect(verifyPatch(gzipSync(''))).resolves.toMatchObject({ uncompressedSizeBytes: 0 });
  });

  it.each([
    ['no bytes', Buffer.alloc(0), 'NOT_GZIP'],
    ['plain text', text, 'NOT_GZIP'],
    ['cut in its data', good.subarray(0, 30), 'GZIP_CORRUPT'],
    ['cut in its trailer', good.subarray(0, -3), 'GZIP_CORRUPT'],
    ['wrong CRC', withByteFlipped(good, good.length - 6), 'GZIP_CORRUPT'],
    ['wrong length in its trailer', withByteFlipped(good, good.length - 2), 'GZIP_CORRUPT'],
    ['text after its end', Buffer.concat([good, Buffer.from('more')]), 'GZIP_CORRUPT'],
    ['zeros after its end', Buffer.concat([good, Buffer.alloc(4)]), 'GZIP_CORRUPT'],
    ['half a member after its end', Buffer.concat([good, good.subarray(0, 9)]), 'GZIP_CORRUPT'],
    ['over the compressed limit', Buffer.alloc(10_001), 'PATCH_TOO_LARGE'],
    ['a bomb', gzipSync(Buffer.alloc(1_000_000)), 'PATCH_TOO_LARGE'],
  ])('refuses %s', async (_name, data, code) => {
    await expect(verifyPatch(data, {}, limits)).rejects.toMatchObject({ code, path: 'patchData' });
  });

  it.each([
    [{ sha256: '0'.repeat(64) }, 'DIGEST_MISMATCH', 'patchSha256'],
    [{ sizeBytes: good.length + 1 }, 'SIZE_MISMATCH', 'patchSizeBytes'],
    [{ uncompressedSizeBytes: 1 }, 'SIZE_MISMATCH', 'patchUncompressedSizeBytes'],
  ])('refuses the false claim %j', async (claims, code, path) => {
    await expect(verifyPatch(good, claims)).rejects.toMatchObject({ code, path });
  });
});
