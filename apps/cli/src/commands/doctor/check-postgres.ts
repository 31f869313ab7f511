import { Client } from 'pg';
import { migrations } from '#migrations';
import { count } from '../../output/format.js';
import { ok, problem, warning, type Finding } from './finding.js';

const PATIENCE_MILLISECONDS = 5_000;
const OLDEST_MAJOR = 14;

/** A message that waits aside is taken up within a minute after it is due, whichever process dies. */
const OVERDUE_MINUTES = 5;

export async function checkPostgres(databaseUrl: string): Promise<Finding[]> {
  if (!/^postgres(ql)?:\/\//.test(databaseUrl)) {
    return [
      problem(
        'Postgres',
        'DATABASE_URL is not the URL of a database',
        'Set it to postgresql://USER:PASSWORD@HOST:PORT/DATABASE.',
      ),
    ];
  }
  const client = new Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: PATIENCE_MILLISECONDS,
  });
  try {
    await client.connect();
    const { rows } = await client.query<{ version: string }>(
      `SELECT current_setting('server_version') AS version`,
    );
    const version = rows[0]!.version;
    if (Number.parseInt(version, 10) < OLDEST_MAJOR) {
      return [problem('Postgres', `${version}, which is too old`, `Use Postgres ${OLDEST_MAJOR} or newer.`)];
    }
    const schema = await checkSchema(client);
    if (schema.status !== 'ok') return [ok('Postgres', version), schema];
    return [ok('Postgres', version), schema, await checkParked(client)];
  } catch (error) {
    return [problem('Postgres', (error as Error).message, 'Start it, or correct DATABASE_URL.')];
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function checkSchema(client: Client): Promise<Finding> {
  const applied = await client
    .query<{ name: string }>('SELECT name FROM schema_migrations')
    .then(({ rows }) => new Set(rows.map(({ name }) => name)))
    .catch(() => new Set<string>());
  const pending = migrations.filter(({ name }) => !applied.has(name));
  if (pending.length > 0) {
    return problem('schema', `${count(pending.length, 'migration')} behind`, 'Run `patchpoint migrate`.');
  }
  if (applied.size > migrations.length) {
    return problem('schema', 'newer than this program', 'Update this checkout or image.');
  }
  return ok('schema', `${migrations.length} migrations, up to date`);
}

/** Messages that wait aside, for bytes or for an earlier message, and whether anybody takes them up again. */
async function checkParked(client: Client): Promise<Finding> {
  const { rows } = await client.query<{ messages: number; overdue: number; oldestSeconds: number }>(
    `SELECT count(*)::int AS messages,
            count(*) FILTER (WHERE due_at < now() - make_interval(mins => $1))::int AS overdue,
            coalesce(extract(epoch FROM now() - min(sent_at)), 0)::float8 AS "oldestSeconds"
       FROM parked_messages`,
    [OVERDUE_MINUTES],
  );
  const { messages, overdue, oldestSeconds } = rows[0]!;
  if (messages === 0) return ok('aside', 'nothing waits');
  const waits = `${count(messages, 'message')} waiting, the oldest for ${Math.round(oldestSeconds)} s`;
  if (overdue === 0) return ok('aside', waits);
  const fix = 'Look at the log of checkpoint-ingest and patch-store: they are down, or stuck.';
  return warning('aside', `${waits}; ${overdue} of them overdue`, fix);
}
