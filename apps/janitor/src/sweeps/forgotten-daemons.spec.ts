import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { Daemon, Database, insertTask } from '#database';
import { useDatabase } from '#testing';
import { ForgottenDaemonsSweep } from './forgotten-daemons.js';

const postgres = useDatabase();
let database: Database;

beforeAll(async () => {
  database = new Database({ databaseUrl: postgres.url, applicationName: 'spec', poolSize: 2 });
  await database.connected();
});
afterAll(async () => {
  await database.onApplicationShutdown();
});

it('deletes any number of daemons that were silent for thirty days, but none that holds a task', async () => {
  await database.manager.query(
    `INSERT INTO daemons (id, pool, hostname, agent_version, max_tasks, started_at, last_heartbeat_at)
     SELECT 'gone-' || n, 'default', 'host', '1.0.0', 4, now(), now() - interval '30 days 1 minute'
       FROM generate_series(1, 1001) AS n
      UNION ALL
     SELECT 'silent', 'default', 'host', '1.0.0', 4, now(), now() - interval '29 days 23 hours'`,
  );
  for (const [state, daemonId] of [
    ['running', 'gone-1'],
    ['spawning', 'gone-2'],
    ['completed', 'gone-3'],
  ]) {
    const id = uuidv7();
    const about = { name: 'a task', plan: 'true', runner: 'shell', repoUrl: 'new://a', pool: 'default' };
    await insertTask(database.manager, { id, ...about });
    await database.manager.query('UPDATE tasks SET state = $2, daemon_id = $3 WHERE id = $1', [
      id,
      state,
      daemonId,
    ]);
  }
  const sweep = new ForgottenDaemonsSweep(3600, database);
  expect(await sweep.run(new AbortController().signal)).toEqual({ swept: 999 });
  const left = (await database.manager.find(Daemon)).map(({ id }) => id).sort();
  expect(left).toEqual(['gone-1', 'gone-2', 'silent']);
  expect(await sweep.run(new AbortController().signal)).toEqual({ swept: 0 });
});
