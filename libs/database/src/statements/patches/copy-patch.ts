import { queryRows, type Queryable } from '../sql/query-rows.js';

/**
 * Copies a patch for a checkpoint of another task. The copy lives as long as the patch was meant to, from now
 * on.
 */
export async function copyPatch(
  db: Queryable,
  patchId: string,
  copy: { id: string; taskId: string; checkpointId: string },
): Promise<void> {
  await queryRows(
    db,
    `INSERT INTO checkpoint_patches (
       id, task_id, checkpoint_id, format, base_commit_sha, tree_sha, sha256, patch_data, patch_size_bytes,
       uncompressed_size_bytes, files_count, expires_at)
     SELECT $2::uuid, $3::uuid, $4::uuid, format, base_commit_sha, tree_sha, sha256, patch_data, patch_size_bytes,
            uncompressed_size_bytes, files_count, now() + (expires_at - created_at)
       FROM checkpoint_patches
      WHERE id = $1`,
    [patchId, copy.id, copy.taskId, copy.checkpointId],
  );
}
