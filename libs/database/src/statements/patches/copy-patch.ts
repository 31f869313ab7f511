import { openPayload, sealPayloads } from '../keys/task-keys.js';
import { queryRows, type Queryable } from '../sql/query-rows.js';
import { patchContext } from './insert-patches.js';

/**
 * Copies a patch for a checkpoint of another task. The copy lives as long as the patch was meant to, from now
 * on, and is sealed by the key of its own task.
 *
 * @returns false if it cannot be read any more: the key of its task was deleted
 */
export async function copyPatch(
  db: Queryable,
  patchId: string,
  copy: { id: string; taskId: string; checkpointId: string },
): Promise<boolean> {
  const [source] = await queryRows<{ taskId: string; data: Buffer; seal: Buffer }>(
    db,
    `SELECT task_id AS "taskId", patch_data AS data, seal
       FROM checkpoint_patches WHERE id = $1 AND seal IS NOT NULL`,
    [patchId],
  );
  const plain = source && (await openPayload(db, { ...source, context: patchContext(patchId) }));
  if (plain === null) return false;
  const [sealed] = plain
    ? await sealPayloads(db, [{ taskId: copy.taskId, context: patchContext(copy.id), data: plain }])
    : [];
  await queryRows(
    db,
    `INSERT INTO checkpoint_patches (
       id, task_id, checkpoint_id, format, base_commit_sha, tree_sha, sha256, patch_data, seal, patch_size_bytes,
       uncompressed_size_bytes, files_count, expires_at)
     SELECT $2::uuid, $3::uuid, $4::uuid, format, base_commit_sha, tree_sha, sha256, coalesce($5::bytea, patch_data),
            $6::bytea, patch_size_bytes, uncompressed_size_bytes, files_count, now() + (expires_at - created_at)
       FROM checkpoint_patches
      WHERE id = $1`,
    [patchId, copy.id, copy.taskId, copy.checkpointId, sealed?.data ?? null, sealed?.seal ?? null],
  );
  return true;
}
