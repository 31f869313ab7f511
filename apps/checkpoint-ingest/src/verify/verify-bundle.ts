import { createHash } from 'node:crypto';
import { ContractError, MAX_PATCH_SIZE_BYTES } from '#contracts';

/**
 * How git 2.x bundles begin: version 2 in SHA-1 repositories, version 3 in SHA-256 ones and in partial
 * clones.
 */
const SIGNATURES = ['# v2 git bundle\n', '# v3 git bundle\n'].map((line) => Buffer.from(line));

/**
 * Proves that bytes are the bundle that its sender describes, within the limit, and begin like a bundle of
 * git. Only git can check its content: a restore verifies it against the tree.
 *
 * @throws ContractError `PATCH_TOO_LARGE`, `SIZE_MISMATCH`, `DIGEST_MISMATCH`, `PATCH_INVALID`
 */
export function verifyBundle(data: Buffer, claims: { sha256?: string; sizeBytes?: number }): void {
  if (data.length > MAX_PATCH_SIZE_BYTES) {
    throw new ContractError(
      'PATCH_TOO_LARGE',
      `The bundle has ${data.length} bytes; the limit is ${MAX_PATCH_SIZE_BYTES}.`,
      'bundleData',
    );
  }
  if (data.length !== claims.sizeBytes) {
    throw new ContractError(
      'SIZE_MISMATCH',
      `The message says bundleSizeBytes ${claims.sizeBytes}; the bytes have ${data.length}.`,
      'bundleSizeBytes',
    );
  }
  const sha256 = createHash('sha256').update(data).digest('hex');
  if (sha256 !== claims.sha256) {
    throw new ContractError(
      'DIGEST_MISMATCH',
      `The message says bundleSha256 ${claims.sha256}; the bytes have ${sha256}.`,
      'bundleSha256',
    );
  }
  if (!SIGNATURES.some((signature) => data.subarray(0, signature.length).equals(signature))) {
    throw new ContractError(
      'PATCH_INVALID',
      'The bundle does not begin like a git bundle of version 2 or 3.',
      'bundleData',
    );
  }
}
