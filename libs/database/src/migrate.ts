import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMilliseconds } from '#runtime';
import { MigrationExecutor, type DataSource } from 'typeorm';
import { createDataSource } from './data-source.js';
import { firstMessage, isUnavailable } from './database-error.js';

/** Any number, as long as it is always the same. */
const MIGRATION_LOCK = 7_201_980_533;

const CONNECT_WITHIN_SECONDS = 60;

/**
 * Brings the schema up to date: all pending migrations in one transaction.
 *
 * May be called by several processes concurrently: one of them migrates, the others wait for it and find
 * nothing to do. While Postgres is still starting, connecting is retried for a minute.
 *
 * @param databaseUrl of a user who may create tables
 * @returns the names of the migrations that were applied, oldest first
 */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const dataSource = createDataSource({ databaseUrl, applicationName: 'patchpoint-migrate', poolSize: 1 });
  await connect(dataSource, databaseUrl);
  try {
    return await applyPending(dataSource);
  } finally {
    await dataSource.destroy();
  }
}

async function connect(dataSource: DataSource, databaseUrl: string): Promise<void> {
  const deadline = Date.now() + CONNECT_WITHIN_SECONDS * 1000;
  for (let attempt = 1; ; attempt++) {
    try {
      await dataSource.initialize();
      return;
    } catch (cause) {
      if (isUnavailable(cause) && Date.now() < deadline) {
        await sleep(backoffMilliseconds(attempt, { baseMilliseconds: 100, maxMilliseconds: 2000 }));
        continue;
      }
      throw new Error(
        `Cannot migrate ${place(databaseUrl)}: ${firstMessage(cause)}. ` +
          'Check that Postgres runs there and that DATABASE_URL names an existing database and user.',
        { cause },
      );
    }
  }
}

async function applyPending(dataSource: DataSource): Promise<string[]> {
  const queryRunner = dataSource.createQueryRunner();
  try {
    await queryRunner.startTransaction();
    // TypeORM takes no lock. Held until the transaction ends, and not by the session, which a pooler may pass
    // on.
    await queryRunner.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    const applied = await new MigrationExecutor(dataSource, queryRunner).executePendingMigrations();
    await queryRunner.commitTransaction();
    return applied.map((migration) => migration.name);
  } catch (error) {
    if (queryRunner.isTransactionActive) await queryRunner.rollbackTransaction().catch(() => {});
    throw error;
  } finally {
    await queryRunner.release();
  }
}

/** Host and database, without the password. */
function place(databaseUrl: string): string {
  const { host, pathname } = new URL(databaseUrl);
  return `the database ${pathname.slice(1)} on ${host}`;
}
