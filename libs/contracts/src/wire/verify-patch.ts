import { createHash } from 'node:crypto';
import { createGunzip } from 'node:zlib';
import { ContractError } from './contract-error.js';
import { MAX_PATCH_SIZE_BYTES, MAX_UNCOMPRESSED_PATCH_BYTES } from '../fields/limits.js';

/** What the sender claims about a patch; each claim that is present must be true. */
export interface PatchClaims {
  sha256?: string;
  sizeBytes?: number;
  uncompressedSizeBytes?: number;
}

export interface PatchFacts {
  /** Of the compressed bytes, hex. */
  sha256: string;
  sizeBytes: number;
  uncompressedSizeBytes: number;
}

export interface PatchLimits {
  maxSizeBytes: number;
  maxUncompressedSizeBytes: number;
}

const DEFAULT_LIMITS: PatchLimits = {
  maxSizeBytes: MAX_PATCH_SIZE_BYTES,
  maxUncompressedSizeBytes: MAX_UNCOMPRESSED_PATCH_BYTES,
};

/**
 * Proves that bytes are one whole gzip stream within the limits and match what their sender claims. The
 * unpacked text is counted and dropped as it arrives, so a gzip bomb costs no memory, and no more time than
 * the limit allows.
 *
 * @throws ContractError `PATCH_TOO_LARGE`, `SIZE_MISMATCH`, `DIGEST_MISMATCH`, `NOT_GZIP`, `GZIP_CORRUPT`
 */
export async function verifyPatch(
  data: Uint8Array,
  claims: PatchClaims = {},
  limits: PatchLimits = DEFAULT_LIMITS,
): Promise<PatchFacts> {
  if (data.length > limits.maxSizeBytes) {
    throw new ContractError(
      'PATCH_TOO_LARGE',
      `The patch has ${data.length} bytes compressed; the limit is ${limits.maxSizeBytes}.`,
      'patchData',
    );
  }
  requireEqual('SIZE_MISMATCH', 'patchSizeBytes', claims.sizeBytes, data.length);
  const sha256 = createHash('sha256').update(data).digest('hex');
  requireEqual('DIGEST_MISMATCH', 'patchSha256', claims.sha256, sha256);
  const uncompressedSizeBytes = await unpackedSizeBytes(data, limits.maxUncompressedSizeBytes);
  requireEqual(
    'SIZE_MISMATCH',
    'patchUncompressedSizeBytes',
    claims.uncompressedSizeBytes,
    uncompressedSizeBytes,
  );
  return { sha256, sizeBytes: data.length, uncompressedSizeBytes };
}

async function unpackedSizeBytes(data: Uint8Array, maxBytes: number): Promise<number> {
  if (data[0] !== 0x1f || data[1] !== 0x8b) {
    throw new ContractError('NOT_GZIP', 'The patch does not begin like gzip (1f 8b).', 'patchData');
  }
  const gunzip = createGunzip();
  let sizeBytes = 0;
  try {
    gunzip.end(data);
    for await (const piece of gunzip as AsyncIterable<Buffer>) {
      sizeBytes += piece.length;
      if (sizeBytes > maxBytes) break;
    }
  } catch (cause) {
    throw new ContractError(
      'GZIP_CORRUPT',
      `The patch cannot be unpacked: ${(cause as Error).message}.`,
      'patchData',
      { cause },
    );
  }
  if (sizeBytes > maxBytes) {
    throw new ContractError(
      'PATCH_TOO_LARGE',
      `The patch unpacks to more than ${maxBytes} bytes.`,
      'patchData',
    );
  }
  // Node refuses most trailing bytes, but accepts zeros as padding.
  if (gunzip.bytesWritten !== data.length) {
    throw new ContractError(
      'GZIP_CORRUPT',
      `The patch has ${data.length - gunzip.bytesWritten} bytes after the end of its gzip stream.`,
      'patchData',
    );
  }
  return sizeBytes;
}

function requireEqual(
  code: 'SIZE_MISMATCH' | 'DIGEST_MISMATCH',
  path: string,
  claimed: string | number | undefined,
  found: string | number,
): void {
  if (claimed === undefined || claimed === found) return;
  throw new ContractError(code, `The message says ${path} ${claimed}; the bytes have ${found}.`, path);
}
