import { queryRows, type Queryable } from '../sql/query-rows.js';

/** Sets the counters of tasks whose rows the caller has locked: from a task's id to its last used number. */
export async function raiseCheckpointNumbers(
  db: Queryable,
  lastNumbers: ReadonlyMap<string, number>,
): Promise<void> {
  await queryRows(
    db,
    `UPDATE tasks
        SET last_checkpoint_number = raised.number, updated_at = now()
       FROM unnest($1::uuid[], $2::int[]) AS raised (task_id, number)
      WHERE tasks.id = raised.task_id`,
    [[...lastNumbers.keys()], [...lastNumbers.values()]],
  );
}
