import { openPayload } from '../keys/task-keys.js';
import { patchContext } from './insert-patches.js';
import { queryRows, type Queryable } from '../sql/query-rows.js';

export interface StoredPatchSlice {
  taskId: string;
  /** Shorter than requested at the end of the patch; empty beyond it. */
  data: Buffer;
  totalSizeBytes: number;
}

/**
 * Reads `lengthBytes` of the compressed patch from `offsetBytes` on. Only these pages are read from disk: the
 * column is stored uncompressed (STORAGE EXTERNAL). Of a patch that is sealed, all are: it opens as a whole.
 *
 * @returns null if there is no such patch, or no longer, or the key of its task was deleted
 * @throws EncryptionKeyError
 */
export async function readPatchSlice(
  db: Queryable,
  patchId: string,
  { offsetBytes, lengthBytes }: { offsetBytes: number; lengthBytes: number },
): Promise<StoredPatchSlice | null> {
  const [row] = await queryRows<StoredPatchSlice & { seal: Buffer | null }>(
    db,
    `SELECT task_id AS "taskId", seal, patch_size_bytes AS "totalSizeBytes",
            CASE WHEN seal IS NULL THEN substring(patch_data FROM $2::int + 1 FOR $3::int) ELSE patch_data END AS data
       FROM checkpoint_patches
      WHERE id = $1`,
    [patchId, offsetBytes, lengthBytes],
  );
  if (row === undefined) return null;
  const { seal, ...slice } = row;
  if (seal === null) return slice;
  const data = await openPayload(db, { ...row, context: patchContext(patchId) });
  return data && { ...slice, data: data.subarray(offsetBytes, offsetBytes + lengthBytes) };
}
