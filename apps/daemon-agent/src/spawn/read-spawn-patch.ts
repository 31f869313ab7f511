import { createHash } from 'node:crypto';
import { CHUNK_SIZE_BYTES, ContractError, type PatchSlice, type SpawnTask } from '#contracts';

/** Reads up to `lengthBytes` of a stored patch from `offsetBytes`. */
export type ReadSlice = (patchId: string, offsetBytes: number, lengthBytes: number) => Promise<PatchSlice>;

/**
 * The patch that a SpawnTask names, gzip-compressed: from the message itself, or slice by slice from patch-store.
 *
 * @returns null when the spawn names none
 * @throws ContractError `DIGEST_MISMATCH` when it is not the patch that was named, `PATCH_EXPIRED` when it is gone
 */
export async function readSpawnPatch(spawn: SpawnTask, readSlice: ReadSlice): Promise<Buffer | null> {
  if (spawn.patchSha256 === undefined) return null;
  const data =
    spawn.patchData === undefined
      ? await readSlices(spawn.patchId!, spawn.patchSizeBytes!, readSlice)
      : Buffer.from(spawn.patchData, 'base64');
  const sha256 = createHash('sha256').update(data).digest('hex');
  if (sha256 !== spawn.patchSha256) {
    throw new ContractError(
      'DIGEST_MISMATCH',
      `The patch of checkpoint ${spawn.checkpointNumber} has sha256 ${sha256}, expected ${spawn.patchSha256}.`,
      'patchSha256',
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
