import { beforeAll } from '@jest/globals';
import { afterEverything } from './after-everything.js';
import { createDatabase, dropDatabase } from './database-per-file.js';
import { borrowPostgres, type TestPostgres } from './test-postgres.js';

/** The database of one spec file. */
export interface TestDatabase {
  /**
   * `postgresql://…/test_…`, as a superuser. Available from the first `beforeAll` after `useDatabase()` on.
   */
  readonly url: string;
}

/**
 * A real, migrated, empty database for the spec file that calls this at its top level; dropped after the
 * file, which fails if a connection to it was left open.
 */
export function useDatabase(): TestDatabase {
  let postgres: TestPostgres | undefined;
  let url: string | undefined;

  beforeAll(async () => {
    postgres = await borrowPostgres();
    url = await createDatabase(postgres.url);
  });
  afterEverything(async () => {
    try {
      if (postgres !== undefined && url !== undefined) await dropDatabase(postgres.url, url);
    } finally {
      await postgres?.release();
    }
  });

  return {
    get url() {
      if (url === undefined) throw new Error('useDatabase() creates it in beforeAll: use it there or later.');
      return url;
    },
  };
}
