import { queryRows, type Queryable } from '../sql/query-rows.js';

/**
 * Locks the lost or released task that has waited longest for a decision whether it is resumed automatically,
 * and returns its id; null if none is due that is not locked already.
 */
export async function lockTaskToResume(db: Queryable): Promise<string | null> {
  const [row] = await queryRows<{ id: string }>(
    db,
    `SELECT id
       FROM tasks
      WHERE state IN ('released', 'lost') AND auto_resume AND resume_at <= now()
      ORDER BY resume_at
      LIMIT 1
        FOR NO KEY UPDATE SKIP LOCKED`,
  );
  return row?.id ?? null;
}
