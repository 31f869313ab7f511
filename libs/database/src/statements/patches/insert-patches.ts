import type { CheckpointPatch } from '../../entities/index.js';
import { queryRows, type Queryable } from '../sql/query-rows.js';
import { valuesList } from '../sql/values-list.js';

/** A verified patch of either format. Its lifetime of `ttlHours` starts now, by the database's clock. */
export interface NewPatch extends Omit<CheckpointPatch, 'createdAt' | 'expiresAt' | 'patchSizeBytes'> {
  ttlHours: number;
}

/** Inserts patches. A patch whose `checkpointId` is null belongs to no checkpoint. */
export async function insertPatches(db: Queryable, patches: readonly NewPatch[]): Promise<void> {
  const { values, parameters } = valuesList(patches, (patch, parameter) => [
    parameter(patch.id),
    parameter(patch.taskId),
    parameter(patch.checkpointId),
    parameter(patch.format),
    parameter(patch.baseCommitSha),
    parameter(patch.treeSha),
    parameter(Buffer.from(patch.sha256, 'hex')),
    parameter(patch.patchData),
    parameter(patch.patchData.length),
    parameter(patch.uncompressedSizeBytes),
    parameter(patch.filesCount),
    `now() + make_interval(hours => ${parameter(patch.ttlHours)})`,
  ]);
  await queryRows(
    db,
    `INSERT INTO checkpoint_patches (
       id, task_id, checkpoint_id, format, base_commit_sha, tree_sha, sha256, patch_data,
       patch_size_bytes, uncompressed_size_bytes, files_count, expires_at)
     VALUES ${values}`,
    parameters,
  );
}
