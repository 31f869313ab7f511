import { queryRows, type Queryable } from './query-rows.js';

/** Which tasks one may see: those of an owner, of a pool, or of that owner in that pool. Null: of all. */
export interface Viewer {
  readonly owner: string | null;
  readonly pool: string | null;
}

/** Sees every task. */
export const EVERY_TASK: Viewer = { owner: null, pool: null };

/** Pure: whether there may be tasks that the viewer does not see. */
export function isConfined({ owner, pool }: Viewer): boolean {
  return owner !== null || pool !== null;
}

/**
 * SQL: the ids of the tasks that a viewer sees. The one place that decides it: whatever is shown of tasks to
 * somebody who may be confined goes through this.
 *
 * @param parameters the places of the viewer's owner and pool in the statement
 */
export function visibleTaskIds({ owner, pool }: { owner: string; pool: string }): string {
  return `SELECT visible.id FROM tasks visible
           WHERE (CAST(${owner} AS text) IS NULL OR visible.owner = ${owner})
             AND (CAST(${pool} AS text) IS NULL OR visible.pool = ${pool})`;
}

/** Which of these tasks exist and are visible to the viewer. */
export async function findVisibleTasks(
  db: Queryable,
  { owner, pool }: Viewer,
  taskIds: readonly string[],
): Promise<Set<string>> {
  const rows = await queryRows<{ id: string }>(
    db,
    `SELECT id FROM unnest($1::uuid[]) AS asked (id) WHERE id IN (${visibleTaskIds({ owner: '$2', pool: '$3' })})`,
    [taskIds, owner, pool],
  );
  return new Set(rows.map(({ id }) => id));
}

/** Whether there is a patch of that id, of a task that is visible to the viewer. */
export async function isPatchVisible(
  db: Queryable,
  { owner, pool }: Viewer,
  patchId: string,
): Promise<boolean> {
  const rows = await queryRows(
    db,
    `SELECT id FROM checkpoint_patches
      WHERE id = $1 AND task_id IN (${visibleTaskIds({ owner: '$2', pool: '$3' })})`,
    [patchId, owner, pool],
  );
  return rows.length > 0;
}
