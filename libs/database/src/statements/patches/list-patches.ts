import { NEWEST_FIRST, PATCH_COLUMNS, PATCHES_WITH_CHECKPOINTS, type StoredPatch } from './patch-columns.js';
import { queryRows, type Queryable } from '../sql/query-rows.js';

/**
 * The patches of a task, newest first, including those that have expired but are not deleted yet. Reads no
 * patch data.
 */
export function listPatches(db: Queryable, taskId: string): Promise<StoredPatch[]> {
  return queryRows(
    db,
    `SELECT ${PATCH_COLUMNS} FROM ${PATCHES_WITH_CHECKPOINTS} WHERE p.task_id = $1 ORDER BY ${NEWEST_FIRST}`,
    [taskId],
  );
}

/** One patch without its data, or null. */
export async function findPatch(db: Queryable, patchId: string): Promise<StoredPatch | null> {
  const [patch = null] = await queryRows<StoredPatch>(
    db,
    `SELECT ${PATCH_COLUMNS} FROM ${PATCHES_WITH_CHECKPOINTS} WHERE p.id = $1`,
    [patchId],
  );
  return patch;
}
