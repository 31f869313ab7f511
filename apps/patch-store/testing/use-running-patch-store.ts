import { afterAll, beforeAll } from '@jest/globals';
import { useDatabase, useNats, type TestDatabase, type TestServer } from '#testing';
import { RunningPatchStore } from './running-patch-store.js';

export interface Servers {
  postgres: TestDatabase;
  nats: TestServer;
}

/** A database and a nats-server for the spec file that calls this at its top level. */
export function useServers(): Servers {
  return { postgres: useDatabase(), nats: useNats() };
}

/**
 * A patch-store for the tests of the spec file that calls this at its top level; on the same servers, it is a
 * replica.
 */
export function useRunningPatchStore(
  servers: Servers = useServers(),
  { apiToken }: { apiToken?: string } = {},
): RunningPatchStore {
  const store = new RunningPatchStore();
  beforeAll(async () => {
    await store.start({ databaseUrl: servers.postgres.url, natsUrl: servers.nats.url, apiToken });
  });
  afterAll(() => store.stop());
  return store;
}
