import { afterAll, beforeAll } from '@jest/globals';
import { useDatabase } from '#testing';
import { Database } from '../src/database.js';

/**
 * A {@link Database} on one of its own, for the spec file that calls this at its top level. The returned
 * function gives it, from the first `beforeAll` after it on.
 */
export function useOpenDatabase(): () => Database {
  const server = useDatabase();
  let database: Database | undefined;
  beforeAll(async () => {
    database = new Database({ databaseUrl: server.url, applicationName: 'spec', poolSize: 6 });
    await database.connected();
  });
  afterAll(() => database?.onApplicationShutdown());
  return () => {
    if (database === undefined)
      throw new Error('useOpenDatabase() opens it in beforeAll: use it there or later.');
    return database;
  };
}
