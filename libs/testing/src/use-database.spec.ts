import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { createDatabase, dropDatabase } from './database-per-file.js';
import { borrowPostgres, type TestPostgres } from './test-postgres.js';
import { useDatabase } from './use-database.js';

const database = useDatabase();

describe('useDatabase', () => {
  it('gives an empty database with the current schema', async () => {
    const client = await connect(database.url);
    const { rows } = await client.query('SELECT count(*)::int AS tasks FROM tasks');
    await client.end();
    expect(rows).toEqual([{ tasks: 0 }]);
  });
});

describe('dropDatabase', () => {
  let postgres: TestPostgres;
  beforeAll(async () => {
    postgres = await borrowPostgres();
  });
  afterAll(() => postgres.release());

  it('fails when a connection was left open, names its last query, and drops the database all the same', async () => {
    const url = await createDatabase(postgres.url);
    const leaked = await connect(url);
    leaked.on('error', () => {}); // it is cut off
    await leaked.query("SELECT 'left open'");

    await expect(dropDatabase(postgres.url, url, 200)).rejects.toThrow(/1 connection[^]*left open/);
    await expect(connect(url)).rejects.toThrow(/does not exist/);
  });
});

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  await client.connect();
  return client;
}
