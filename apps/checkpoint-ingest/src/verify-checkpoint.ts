import { createHash } from 'node:crypto';
import { verifyPatch, type CheckpointCreated } from '#contracts';

/** A patch whose bytes are what the message says about them. */
export interface VerifiedPatch {
  data: Buffer;
  uncompressedSizeBytes: number;
}

/** A checkpoint that may be recorded. */
export interface VerifiedCheckpoint {
  event: CheckpointCreated;
  /** Null: it has none, for `event.patchAbsentReason`. */
  patch: VerifiedPatch | null;
  /** Digest of what the event says. */
  contentSha256: string;
}

/**
 * Proves that the bytes are the patch that the event describes: size, digest, whole gzip, unpacked size.
 *
 * @param patchData the compressed patch, from the message or the blob store; null when the event has none
 * @throws ContractError `PATCH_TOO_LARGE`, `SIZE_MISMATCH`, `DIGEST_MISMATCH`, `NOT_GZIP`, `GZIP_CORRUPT`
 */
export async function verifyCheckpoint(
  event: CheckpointCreated,
  patchData: Buffer | null,
): Promise<VerifiedCheckpoint> {
  const contentSha256 = contentDigest(event);
  if (!patchData) return { event, patch: null, contentSha256 };
  const { uncompressedSizeBytes } = await verifyPatch(patchData, {
    sha256: event.patchSha256,
    sizeBytes: event.patchSizeBytes,
    uncompressedSizeBytes: event.patchUncompressedSizeBytes,
  });
  return { event, patch: { data: patchData, uncompressedSizeBytes }, contentSha256 };
}

/** The patch that rides in the message; null when there is none, or it travels as a blob. Its base64 was checked by `decode`. */
export function inlinePatch({ patchData }: CheckpointCreated): Buffer | null {
  return patchData === undefined ? null : Buffer.from(patchData, 'base64');
}

/**
 * What makes two messages the same event: who captured what, when in its order. How the patch travels is left out, and so are
 * fields that a newer agent may add when it sends an event of its predecessor again.
 */
export function contentDigest(event: CheckpointCreated): string {
  const identity = [
    event.taskId,
    event.daemonId,
    event.attempt,
    event.sequence,
    event.kind,
    event.message,
    event.treeSha,
    event.commitSha ?? null,
    event.branchName ?? null,
    event.patchBaseSha ?? null,
    event.patchSha256 ?? null,
  ];
  return createHash('sha256').update(JSON.stringify(identity)).digest('hex');
}
