import type { EntityManager } from 'typeorm';

/** What a statement needs: an EntityManager inside a transaction, or outside of one. */
export type Queryable = Pick<EntityManager, 'query'> & Partial<Pick<EntityManager, 'dataSource'>>;

/**
 * Runs one statement and returns its rows, including those of RETURNING. `Row` must describe the columns:
 * this is not checked.
 */
export async function queryRows<Row>(db: Queryable, sql: string, parameters: unknown[] = []): Promise<Row[]> {
  const result: unknown[] = await db.query(sql, parameters);
  // TypeORM 1.1 answers UPDATE and DELETE with [rows, count], and everything else with rows.
  return (Array.isArray(result[0]) ? result[0] : result) as Row[];
}
