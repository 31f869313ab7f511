import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { migrations } from '#migrations';
import { useDatabase } from '#testing';
import type { DataSource } from 'typeorm';
import { createDataSource } from './data-source.js';
import { migrate } from './migrate.js';

const database = useDatabase();
let dataSource: DataSource;

beforeAll(async () => {
  dataSource = createDataSource({ databaseUrl: database.url, applicationName: 'spec', poolSize: 2 });
  await dataSource.initialize();
});
afterAll(() => dataSource.destroy());

describe('the migrated schema', () => {
  it('is what the entities describe', async () => {
    const drift = await dataSource.driver.createSchemaBuilder().log();
    expect(drift.upQueries.map(({ query }) => query)).toEqual([]);
  });

  it('stores patches as they are, without compressing them again', async () => {
    const [column] = await dataSource.query(
      `SELECT attstorage FROM pg_attribute WHERE attrelid = 'checkpoint_patches'::regclass AND attname = 'patch_data'`,
    );
    expect(column).toEqual({ attstorage: 'e' });
  });

  it('has an index for every foreign key, so that deletes do not scan', async () => {
    const unindexed = await dataSource.query(
      `SELECT conrelid::regclass AS table, conname AS name FROM pg_constraint c
        WHERE contype = 'f' AND NOT EXISTS (
          SELECT FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1])`,
    );
    expect(unindexed).toEqual([]);
  });
});

describe('migrate', () => {
  it('finds nothing to do the second time', async () => {
    expect(await migrate(database.url)).toEqual([]);
  });

  it('is applied once when several processes start at once', async () => {
    const name = `${new URL(database.url).pathname.slice(1)}_fresh`;
    const fresh = new URL(database.url);
    fresh.pathname = `/${name}`;
    await dataSource.query(`CREATE DATABASE ${name}`);
    try {
      const applied = await Promise.all([1, 2, 3, 4].map(() => migrate(fresh.href)));
      expect(applied.filter((names) => names.length > 0)).toEqual([
        migrations.map((migration) => migration.name),
      ]);
    } finally {
      await dataSource.query(`DROP DATABASE ${name} WITH (FORCE)`);
    }
  });

  it('keeps the conversation histories of before 0016, as JSONB shows them', async () => {
    const name = `${new URL(database.url).pathname.slice(1)}_older`;
    const older = new URL(database.url);
    older.pathname = `/${name}`;
    await dataSource.query(`CREATE DATABASE ${name}`);
    const source = createDataSource({ databaseUrl: older.href, applicationName: 'spec', poolSize: 1 });
    source.setOptions({ migrations: migrations.slice(0, 15) });
    try {
      await source.initialize();
      await source.runMigrations();
      await source.query(
        `INSERT INTO tasks (id, name, plan, runner, repo_url, pool, conversation_history)
         VALUES (gen_random_uuid(), 'a', 'p', 'shell', 'new://a', 'default', '[{"b":  1,"a":"é"}]'),
                (gen_random_uuid(), 'b', 'p', 'shell', 'new://b', 'default', NULL)`,
      );
      expect(await migrate(older.href)).toContain('ExactHistory1795370000016');
      const rows = await source.query('SELECT conversation_history AS history FROM tasks ORDER BY name');
      expect(rows).toEqual([{ history: '[{"a": "é", "b": 1}]' }, { history: null }]);
    } finally {
      await source.destroy();
      await dataSource.query(`DROP DATABASE ${name} WITH (FORCE)`);
    }
  });

  it('says where it could not connect, without the password', async () => {
    const wrong = new URL(database.url);
    wrong.password = 'secret-password';
    const error = await migrate(wrong.href).catch((error: Error) => error);
    expect(error).toMatchObject({ message: expect.stringMatching(/^Cannot migrate the database test_/) });
    expect((error as Error).message).not.toContain('secret-password');
  });
});
