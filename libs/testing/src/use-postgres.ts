import { startPostgres } from '#embedded';
import { useServer, type TestServer } from './use-server.js';

/**
 * A real Postgres for a spec file that makes it fail, with durable settings and a migrated, empty database;
 * call this at the file's top level. Takes about a second: specs that need only a database share one server
 * with `useDatabase()`.
 */
export function usePostgres(): TestServer {
  let migrated = false;
  return useServer(async (place) => {
    const server = await startPostgres({ ...place, persistent: true });
    if (!migrated) {
      const { migrate } = await import('#database');
      await migrate(server.url);
      migrated = true;
    }
    return server;
  });
}
