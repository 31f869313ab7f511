import { describe, expect, it } from '@jest/globals';
import { queryOnce } from './query-once.js';
import { usePostgres } from './use-postgres.js';

const postgres = usePostgres();

describe('usePostgres', () => {
  it('gives a migrated server that keeps address and committed rows through SIGKILL', async () => {
    const { url } = postgres;
    expect(await queryOnce(url, 'SELECT count(*)::int AS tasks FROM tasks')).toEqual([{ tasks: 0 }]);
    await queryOnce(url, 'CREATE TABLE kept AS SELECT 1 AS one');

    await postgres.kill();
    await expect(queryOnce(url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED');
    await postgres.restart();

    expect(postgres.url).toBe(url);
    expect(await queryOnce(url, 'SELECT * FROM kept')).toEqual([{ one: 1 }]);
  });
});
