import { describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { usePostgres } from './use-postgres.js';

const postgres = usePostgres();

describe('usePostgres', () => {
  it('gives a migrated server that keeps address and committed rows through SIGKILL', async () => {
    const { url } = postgres;
    expect(await query(url, 'SELECT count(*)::int AS tasks FROM tasks')).toEqual([{ tasks: 0 }]);
    await query(url, 'CREATE TABLE kept AS SELECT 1 AS one');

    await postgres.kill();
    await expect(query(url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED');
    await postgres.restart();

    expect(postgres.url).toBe(url);
    expect(await query(url, 'SELECT * FROM kept')).toEqual([{ one: 1 }]);
  });
});

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}
