import { queryRows, type Queryable } from '../sql/query-rows.js';

export interface StoredPatchSlice {
  taskId: string;
  /** Shorter than requested at the end of the patch; empty beyond it. */
  data: Buffer;
  totalSizeBytes: number;
}

/**
 * Reads `lengthBytes` of the compressed patch from `offsetBytes` on. Only these pages are read from disk: the
 * column is stored uncompressed (STORAGE EXTERNAL).
 *
 * @returns null if there is no such patch, or no longer
 */
export async function readPatchSlice(
  db: Queryable,
  patchId: string,
  range: { offsetBytes: number; lengthBytes: number },
): Promise<StoredPatchSlice | null> {
  const [slice = null] = await queryRows<StoredPatchSlice>(
    db,
    `SELECT task_id AS "taskId", substring(patch_data FROM $2::int + 1 FOR $3::int) AS data,
            patch_size_bytes AS "totalSizeBytes"
       FROM checkpoint_patches
      WHERE id = $1`,
    [patchId, range.offsetBytes, range.lengthBytes],
  );
  return slice;
}
