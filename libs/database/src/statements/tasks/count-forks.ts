import { queryRows, type Queryable } from '../sql/query-rows.js';

/** How many tasks were made from checkpoints of this one. */
export async function countForks(db: Queryable, taskId: string): Promise<number> {
  const [row] = await queryRows<{ count: number }>(
    db,
    'SELECT count(*)::int AS count FROM tasks WHERE forked_from_task_id = $1',
    [taskId],
  );
  return row!.count;
}
