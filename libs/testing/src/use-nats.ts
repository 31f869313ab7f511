import { startNatsServer } from '#embedded';
import { useServer, type TestServer } from './use-server.js';

/**
 * A real nats-server with JetStream for the spec file that calls this at its top level, with an empty store
 * and its own port; stopped after the file. Starting takes about 20 ms.
 */
export function useNats(): TestServer {
  return useServer(startNatsServer);
}
