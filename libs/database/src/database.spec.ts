import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { migrations } from '#migrations';
import { eventually, freeze, useDatabase } from '#testing';
import { createDataSource } from './data-source.js';
import { Database } from './database.js';
import {
  DatabaseUnavailableError,
  isTransactionConflict,
  isUnavailable,
  sqlState,
} from './database-error.js';
import { insertTask } from './statements/tasks/insert-task.js';
import { findTask } from './statements/tasks/find-task.js';
import { aTask } from '../testing/fixtures.js';

const server = useDatabase();
const open: Database[] = [];

function connectTo(databaseUrl: string): Database {
  const database = new Database({ databaseUrl, applicationName: 'spec', poolSize: 3 });
  open.push(database);
  return database;
}

afterAll(() => Promise.all(open.map((database) => database.onApplicationShutdown())));

describe('Database', () => {
  let database: Database;

  beforeEach(async () => {
    database = connectTo(server.url);
    await database.connected();
  });
  afterEach(() => database.onApplicationShutdown());

  it('commits what resolves, and rolls back what rejects', async () => {
    const [kept, dropped] = [aTask(), aTask()];
    await database.transaction((manager) => insertTask(manager, kept));
    const failing = database.transaction(async (manager) => {
      await insertTask(manager, dropped);
      throw new Error('on purpose');
    });
    await expect(failing).rejects.toThrow('on purpose');
    expect(await findTask(database.manager, kept.id)).not.toBeNull();
    expect(await findTask(database.manager, dropped.id)).toBeNull();
  });

  it('limits the time of a transaction, and of nothing after it', async () => {
    const setting = `SELECT current_setting('statement_timeout') AS value`;
    const inside = await database.transaction((manager) => manager.query(setting));
    expect(inside).toEqual([{ value: '30s' }]);
    expect(await database.manager.query(setting)).toEqual([{ value: '0' }]);
  });

  it('does not put the parameters of a failed statement into its error', async () => {
    const failing = database.transaction((manager) => manager.query('SELECT 1 / $1::int', [0]));
    await expect(failing).rejects.toMatchObject({ parameters: undefined, driverError: { code: '22012' } });
  });

  it('says that the connection broke, and goes on with another', async () => {
    const broken = database.transaction(async (manager) => {
      await manager.query('SELECT pg_terminate_backend(pg_backend_pid())');
    });
    const error = await broken.catch((error: Error) => error);
    expect(error).toBeInstanceOf(DatabaseUnavailableError);
    expect(sqlState(error)).toBe('57P01');
    expect(await database.transaction((manager) => manager.query('SELECT 1 AS one'))).toEqual([{ one: 1 }]);
  });

  it('says that it was in the way of another transaction', async () => {
    const rows = [aTask(), aTask()];
    for (const task of rows) await insertTask(database.manager, task);
    let meet: () => void = () => {};
    const both = new Promise<void>((resolve) => (meet = resolve));
    let waiting = 0;
    const lockBoth = (order: typeof rows) =>
      database.transaction(async (manager) => {
        for (const { id } of order) {
          await manager.query('UPDATE tasks SET updated_at = now() WHERE id = $1', [id]);
          if (++waiting === 2) meet();
          await both;
        }
      });
    const results = await Promise.allSettled([lockBoth(rows), lockBoth(rows.toReversed())]);
    const failed = results.filter((result) => result.status === 'rejected');
    expect(failed).toHaveLength(1);
    expect(isTransactionConflict(failed[0]!.reason)).toBe(true);
    expect(isUnavailable(failed[0]!.reason)).toBe(false);
  });

  it('gives up on a connection that does not answer any more', async () => {
    const hasty = new Database({
      databaseUrl: server.url,
      applicationName: 'spec',
      poolSize: 1,
      transactionDeadlineSeconds: 1,
    });
    open.push(hasty);
    await hasty.connected();
    let frozen = 0;
    const waiting = hasty.transaction(async (manager) => {
      const [{ pid }] = await manager.query('SELECT pg_backend_pid() AS pid');
      frozen = pid;
      await freeze(pid);
      await manager.query('SELECT 1');
    });
    await expect(waiting).rejects.toBeInstanceOf(DatabaseUnavailableError);
    expect(await hasty.transaction((manager) => manager.query('SELECT 1 AS one'))).toEqual([{ one: 1 }]);
    process.kill(frozen, 'SIGCONT');
  });

  it('waits for transactions in flight before it closes; twice is harmless', async () => {
    const task = aTask();
    const slow = database.transaction(async (manager) => {
      await manager.query('SELECT pg_sleep(0.2)');
      return insertTask(manager, task);
    });
    await database.onApplicationShutdown();
    await database.onApplicationShutdown();
    expect(await slow).toBe(true);
    await expect(database.transaction(async () => {})).rejects.toBeInstanceOf(DatabaseUnavailableError);
  });
});

describe('readiness', () => {
  it('is given with the current schema', async () => {
    const database = connectTo(server.url);
    await expect(database.checkReady()).rejects.toBeInstanceOf(DatabaseUnavailableError);
    await database.connected();
    await database.checkReady();
    await database.checkReady();
  });

  it('says what a server refuses that answers, and what to do', async () => {
    const url = new URL(server.url);
    url.pathname = '/nowhere';
    const database = connectTo(url.href);
    database.onModuleInit();
    await eventually(() =>
      expect(database.checkReady()).rejects.toThrow(
        /"nowhere" does not exist \(3D000\)\. Correct DATABASE_URL/,
      ),
    );
  });

  it('is refused while migrations are missing, with what to do', async () => {
    const admin = createDataSource({ databaseUrl: server.url, applicationName: 'spec', poolSize: 1 });
    await admin.initialize();
    const name = `${new URL(server.url).pathname.slice(1)}_empty`;
    await admin.query(`CREATE DATABASE ${name}`);
    const url = new URL(server.url);
    url.pathname = `/${name}`;
    const database = connectTo(url.href);
    try {
      await database.connected();
      await expect(database.checkReady()).rejects.toThrow(
        `lacks ${migrations.length} migration(s), from ${migrations[0]!.name} on: run \`npm run migrate\``,
      );
    } finally {
      await database.onApplicationShutdown();
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await admin.destroy();
    }
  });

  it('is refused while nobody is there, for ever if need be', async () => {
    const database = connectTo('postgres://nobody:x@127.0.0.1:1/none');
    void database.connected();
    await expect(database.checkReady()).rejects.toThrow('has not been reached yet');
    await database.onApplicationShutdown();
    await database.connected();
  });
});
