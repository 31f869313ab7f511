import { queryRows, type Queryable } from '../sql/query-rows.js';

/** Deletes all patches of a task; its checkpoints stay. Returns the ids of the deleted ones. */
export async function deletePatchesOfTask(db: Queryable, taskId: string): Promise<string[]> {
  const rows = await queryRows<{ id: string }>(
    db,
    'DELETE FROM checkpoint_patches WHERE task_id = $1 RETURNING id',
    [taskId],
  );
  return rows.map(({ id }) => id);
}
