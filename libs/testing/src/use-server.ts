import { beforeAll } from '@jest/globals';
import { afterEverything } from './after-everything.js';
import { temporaryFolder } from './temporary-folder.js';

/**
 * A server of one spec file. Its properties are available from the first `beforeAll` after the call that made
 * it on.
 */
export interface TestServer {
  /** The same before and after a restart. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Stops it gracefully. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Restarts it after `stop()` or `kill()`: the same port and data. */
  restart(): Promise<void>;
}

interface StartedServer extends Omit<TestServer, 'restart'> {
  readonly dataDir: string;
}

/**
 * Starts a server before the tests of the spec file that calls this at its top level, and stops it after
 * them.
 */
export function useServer(
  start: (place: { dataDir: string; port?: number }) => Promise<StartedServer>,
): TestServer {
  let server: StartedServer | undefined;
  const started = (): StartedServer => {
    if (server === undefined) throw new Error('The server is started in beforeAll: use it there or later.');
    return server;
  };

  beforeAll(async () => {
    server = await start({ dataDir: temporaryFolder() });
  });
  afterEverything(async () => {
    await server?.stop();
  });

  return {
    get url() {
      return started().url;
    },
    get port() {
      return started().port;
    },
    get pid() {
      return started().pid;
    },
    stop: () => started().stop(),
    kill: () => started().kill(),
    restart: async () => {
      const { dataDir, port } = started();
      server = await start({ dataDir, port });
    },
  };
}
