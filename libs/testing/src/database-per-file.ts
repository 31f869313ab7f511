import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { eventually } from './eventually.js';

const template = 'patchpoint_template';

/** Creates a database with the current schema, as a copy of a template that the first caller migrates. */
export async function createDatabase(serverUrl: string): Promise<string> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await withClient(serverUrl, async (client) => {
    // Released with the connection. Spec files run in several processes.
    await client.query('SELECT pg_advisory_lock(hashtext($1))', [template]);
    await ensureTemplate(client, serverUrl);
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  });
  return urlOf(serverUrl, name);
}

/**
 * Drops a database of {@link createDatabase}. Fails if connections are open, and names them: a pool that a
 * spec forgot to close is one that an app forgets to close.
 *
 * @param patienceMs for connections that were closed and that Postgres has not ended yet
 */
export async function dropDatabase(
  serverUrl: string,
  databaseUrl: string,
  patienceMs = 15_000,
): Promise<void> {
  const name = new URL(databaseUrl).pathname.slice(1);
  await withClient(serverUrl, async (client) => {
    try {
      await eventually(() => refuseConnections(client, name), { timeoutMs: patienceMs });
    } finally {
      await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    }
  });
}

async function ensureTemplate(client: Client, serverUrl: string): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [template]);
  if (rowCount !== 0) return;
  // Loads TypeORM: only for specs with a database, once per run.
  const { migrate } = await import('#database');
  await client.query(`CREATE DATABASE ${template}_unfinished`);
  try {
    await migrate(urlOf(serverUrl, `${template}_unfinished`));
    await client.query(`ALTER DATABASE ${template}_unfinished RENAME TO ${template}`);
  } finally {
    await client.query(`DROP DATABASE IF EXISTS ${template}_unfinished WITH (FORCE)`);
  }
}

async function refuseConnections(client: Client, database: string): Promise<void> {
  const { rows } = await client.query<{ application_name: string; state: string; query: string }>(
    `SELECT application_name, state, left(query, 200) AS query
       FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'`,
    [database],
  );
  if (rows.length === 0) return;
  const connections = rows.map(
    (row) => `  ${row.application_name || '(unnamed)'}, ${row.state}: ${row.query}`,
  );
  throw new Error(
    `${rows.length} connection(s) to the test database were not closed. Close every pool, DataSource and app ` +
      `that the spec opens in an afterAll. Their last queries:\n${connections.join('\n')}`,
  );
}

async function withClient(url: string, work: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: url, application_name: 'patchpoint-tests' });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

function urlOf(serverUrl: string, database: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  return url.href;
}
