import { beforeAll } from '@jest/globals';
import { startNatsServer, type NatsServer } from '#embedded';
import { afterEverything } from './after-everything.js';
import { temporaryFolder } from './temporary-folder.js';

/** The nats-server of one spec file. Its properties are there from the first `beforeAll` after `useNats()` on. */
export interface TestNats {
  /** `nats://127.0.0.1:PORT`, the same before and after a restart. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Stops it in good order. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again after `stop()` or `kill()`: the same port and store. */
  restart(): Promise<void>;
}

/**
 * A real nats-server with JetStream for the spec file that calls this at its top level, with an empty store and a
 * port of its own; stopped after the file. Starting takes about 20 ms.
 */
export function useNats(): TestNats {
  let server: NatsServer | undefined;
  const started = (): NatsServer => {
    if (server === undefined)
      throw new Error('useNats() starts its server in beforeAll: use it there or later.');
    return server;
  };

  beforeAll(async () => {
    server = await startNatsServer({ dataDir: temporaryFolder() });
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
      server = await startNatsServer({ dataDir, port });
    },
  };
}
