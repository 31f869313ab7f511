import { Client } from 'pg';

/** Asks a database one thing, over a connection of its own. */
export async function queryOnce(databaseUrl: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}
