import { createHash } from 'node:crypto';
import {
  CHUNK_SIZE_BYTES,
  ContractError,
  type CheckpointToRestore,
  type PatchFormat,
  type PatchSlice,
} from '#contracts';
import { bestFirst } from '#git';

/** Reads up to `lengthBytes` of a stored patch from `offsetBytes`, for the attempt that is to be restored. */
export type ReadSlice = (
  patchId: string,
  offsetBytes: number,
  lengthBytes: number,
  attempt?: number,
) => Promise<PatchSlice>;

/** A form in which a checkpoint can be restored: where its bytes are, and what they must be. */
export interface SpawnedPatch {
  format: PatchFormat;
  id: string;
  sha256: string;
  sizeBytes: number;
  /** Base64, if it is in the message. */
  inlineData: string | undefined;
}

/** Pure: what there is to restore from, best first. */
export function spawnedPatches(checkpoint: CheckpointToRestore): SpawnedPatch[] {
  return bestFirst({ bundle: spawnedBundle(checkpoint), diff: spawnedDiff(checkpoint) });
}

function spawnedBundle(checkpoint: CheckpointToRestore): SpawnedPatch | null {
  if (checkpoint.bundleSha256 === undefined) return null;
  return {
    format: 'git-bundle',
    id: checkpoint.bundleId!,
    sha256: checkpoint.bundleSha256,
    sizeBytes: checkpoint.bundleSizeBytes!,
    inlineData: checkpoint.bundleData,
  };
}

function spawnedDiff(checkpoint: CheckpointToRestore): SpawnedPatch | null {
  if (checkpoint.patchSha256 === undefined) return null;
  return {
    format: checkpoint.patchFormat!,
    id: checkpoint.patchId!,
    sha256: checkpoint.patchSha256,
    sizeBytes: checkpoint.patchSizeBytes!,
    inlineData: checkpoint.patchData,
  };
}

/**
 * The bytes of a patch: from the message itself, or slice by slice from patch-store.
 *
 * @throws ContractError `DIGEST_MISMATCH` when they differ from what was announced, `PATCH_EXPIRED` when they
 *   were deleted
 */
export async function readSpawnedPatch(patch: SpawnedPatch, readSlice: ReadSlice): Promise<Buffer> {
  const data =
    patch.inlineData === undefined
      ? await readSlices(patch.id, patch.sizeBytes, readSlice)
      : Buffer.from(patch.inlineData, 'base64');
  const sha256 = createHash('sha256').update(data).digest('hex');
  if (sha256 !== patch.sha256) {
    throw new ContractError(
      'DIGEST_MISMATCH',
      `The ${patch.format} ${patch.id} has sha256 ${sha256}, expected ${patch.sha256}.`,
    );
  }
  return data;
}

async function readSlices(patchId: string, sizeBytes: number, readSlice: ReadSlice): Promise<Buffer> {
  const slices: Buffer[] = [];
  for (let offset = 0; offset < sizeBytes; offset += CHUNK_SIZE_BYTES) {
    const slice = await readSlice(patchId, offset, Math.min(CHUNK_SIZE_BYTES, sizeBytes - offset));
    slices.push(Buffer.from(slice.data, 'base64'));
  }
  return Buffer.concat(slices);
}
