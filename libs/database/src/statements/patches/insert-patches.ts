import type { CheckpointPatch } from '../../entities/index.js';
import { sealPayloads } from '../keys/task-keys.js';
import { queryRows, type Queryable } from '../sql/query-rows.js';
import { valuesList } from '../sql/values-list.js';

/** A verified patch of either format. Its lifetime of `ttlHours` starts now, by the database's clock. */
export interface NewPatch extends Omit<
  CheckpointPatch,
  'createdAt' | 'expiresAt' | 'patchSizeBytes' | 'seal'
> {
  ttlHours: number;
}

/** Pure: what the bytes of a patch are sealed as. */
export function patchContext(id: string): string {
  return `patch ${id}`;
}

/**
 * Inserts patches, sealed where this process has encryption keys. A patch whose `checkpointId` is null
 * belongs to no checkpoint.
 */
export async function insertPatches(db: Queryable, patches: readonly NewPatch[]): Promise<void> {
  const sealed = await sealPayloads(
    db,
    patches.map(({ id, taskId, patchData: data }) => ({ taskId, context: patchContext(id), data })),
  );
  const rows = patches.map((patch, index) => ({ ...patch, ...sealed[index]! }));
  const { values, parameters } = valuesList(rows, (patch, parameter) => [
    parameter(patch.id),
    parameter(patch.taskId),
    parameter(patch.checkpointId),
    parameter(patch.format),
    parameter(patch.baseCommitSha),
    parameter(patch.treeSha),
    parameter(Buffer.from(patch.sha256, 'hex')),
    parameter(patch.data),
    `${parameter(patch.seal)}::bytea`,
    parameter(patch.data.length),
    parameter(patch.uncompressedSizeBytes),
    parameter(patch.filesCount),
    `now() + make_interval(hours => ${parameter(patch.ttlHours)})`,
  ]);
  await queryRows(
    db,
    `INSERT INTO checkpoint_patches (
       id, task_id, checkpoint_id, format, base_commit_sha, tree_sha, sha256, patch_data, seal,
       patch_size_bytes, uncompressed_size_bytes, files_count, expires_at)
     VALUES ${values}`,
    parameters,
  );
}
