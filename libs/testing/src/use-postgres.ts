import { beforeAll } from '@jest/globals';
import { startPostgres, type Postgres } from '#embedded';
import { afterEverything } from './after-everything.js';
import { temporaryFolder } from './temporary-folder.js';

/** A Postgres of one spec file. Its properties are there from the first `beforeAll` after `usePostgres()` on. */
export interface TestPostgresServer {
  /** Of its migrated, empty database; the same before and after a restart. */
  readonly url: string;
  readonly pid: number;
  /** Stops it in good order. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again after `stop()` or `kill()`: the same port and data. */
  restart(): Promise<void>;
}

/**
 * A real Postgres for a spec file that makes it fail, with durable settings; call this at the file's top level.
 * Takes about a second: specs that need only a database share one server with `useDatabase()`.
 */
export function usePostgres(): TestPostgresServer {
  let server: Postgres | undefined;
  const started = (): Postgres => {
    if (server === undefined)
      throw new Error('usePostgres() starts its server in beforeAll: use it there or later.');
    return server;
  };

  beforeAll(async () => {
    server = await startPostgres({ dataDir: temporaryFolder(), persistent: true });
    const { migrate } = await import('#database');
    await migrate(server.url);
  });
  afterEverything(async () => {
    await server?.stop();
  });

  return {
    get url() {
      return started().url;
    },
    get pid() {
      return started().pid;
    },
    stop: () => started().stop(),
    kill: () => started().kill(),
    restart: async () => {
      const { dataDir, port } = started();
      server = await startPostgres({ dataDir, port, persistent: true });
    },
  };
}
