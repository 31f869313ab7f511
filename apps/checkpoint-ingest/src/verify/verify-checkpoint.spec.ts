import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { inlineBytes } from './carried-bytes-reader.js';
import { aBundle, aCheckpoint, bundleFields } from '../../testing/fixtures.js';
import { contentDigest, verifyCheckpoint } from './verify-checkpoint.js';

const taskId = uuidv7();
const patch = gzipSync('diff --git a/a b/a\n');

describe('verifyCheckpoint', () => {
  it('takes a patch that is what the event says', async () => {
    const event = aCheckpoint({ taskId }, patch);
    const verified = await verifyCheckpoint(event, inlineBytes(event));
    expect(verified.patch?.data.equals(patch)).toBe(true);
    expect(verified.patch?.uncompressedSizeBytes).toBe(gunzipSync(patch).length);
  });

  it('takes a checkpoint without a patch', async () => {
    const event = aCheckpoint({ taskId, patchAbsentReason: 'too-large' }, null);
    expect(await verifyCheckpoint(event, inlineBytes(event))).toMatchObject({ patch: null, bundle: null });
  });

  it('takes a bundle beside a patch, or by itself', async () => {
    const bundle = aBundle();
    const both = aCheckpoint({ taskId, ...bundleFields(bundle) }, patch);
    expect(await verifyCheckpoint(both, inlineBytes(both))).toMatchObject({ patch: { data: patch }, bundle });
    const alone = aCheckpoint({ taskId, ...bundleFields(bundle) }, null);
    expect(await verifyCheckpoint(alone, inlineBytes(alone))).toMatchObject({ patch: null, bundle });
  });

  it.each([
    ['other bytes', {}, gzipSync('other'), 'SIZE_MISMATCH'],
    ['a flipped bit', {}, flipped(patch), 'DIGEST_MISMATCH'],
    ['a false size', { patchSizeBytes: 3 }, patch, 'SIZE_MISMATCH'],
    ['a false unpacked size', { patchUncompressedSizeBytes: 3 }, patch, 'SIZE_MISMATCH'],
  ])('refuses %s', async (_, fields, bytes, code) => {
    const event = { ...aCheckpoint({ taskId }, patch), ...fields };
    await expect(
      verifyCheckpoint(event, { patch: bytes, bundle: null, conversation: null }),
    ).rejects.toMatchObject({ code });
  });

  it.each([
    ['plain text', Buffer.from('diff'), 'NOT_GZIP'],
    ['half a stream', patch.subarray(0, 15), 'GZIP_CORRUPT'],
  ])('refuses %s whose digest is right', async (_, bytes, code) => {
    const event = aCheckpoint({ taskId }, bytes);
    await expect(
      verifyCheckpoint(event, { patch: bytes, bundle: null, conversation: null }),
    ).rejects.toMatchObject({ code });
  });

  it('refuses a patch that is said to be a bundle', async () => {
    const event = { ...aCheckpoint({ taskId }, patch), patchFormat: 'git-bundle' as const };
    await expect(verifyCheckpoint(event, { patch, bundle: null, conversation: null })).rejects.toMatchObject({
      code: 'FIELD_INVALID',
      path: 'patchFormat',
    });
  });
});

describe('contentDigest', () => {
  const event = aCheckpoint({ taskId }, patch);

  it('does not depend on how patch and bundle travel', () => {
    expect(contentDigest({ ...event, patchData: undefined, patchChunkCount: 1 })).toBe(contentDigest(event));
    const bundled = { ...event, ...bundleFields(aBundle()) };
    expect(contentDigest({ ...bundled, bundleData: undefined, bundleChunkCount: 1 })).toBe(
      contentDigest(bundled),
    );
  });

  it.each([
    { taskId: uuidv7() },
    { daemonId: 'daemon-2' },
    { attempt: 2 },
    { sequence: 2 },
    { treeSha: 'f'.repeat(40) },
    { commitSha: undefined },
    { patchSha256: '0'.repeat(64) },
    { bundleSha256: '0'.repeat(64) },
    { message: 'another' },
  ])('depends on %j', (change) => {
    expect(contentDigest({ ...event, ...change })).not.toBe(contentDigest(event));
  });
});

function flipped(data: Buffer): Buffer {
  const copy = Buffer.from(data);
  copy[12]! ^= 1;
  return copy;
}
