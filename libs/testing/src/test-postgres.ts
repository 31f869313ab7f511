import { startPostgres, type Postgres } from '#embedded';
import { temporaryFolder } from './temporary-folder.js';

/** A Postgres server for tests, and how to release it. */
export interface TestPostgres {
  readonly url: string;
  release(): Promise<void>;
}

/**
 * The Postgres that Jest's global set-up started for the whole run; without one, a new one for this spec
 * file.
 */
export async function borrowPostgres(): Promise<TestPostgres> {
  const shared = process.env['PATCHPOINT_TEST_POSTGRES_URL'];
  if (shared !== undefined) return { url: shared, release: async () => {} };
  const own: Postgres = await startPostgres({
    dataDir: temporaryFolder(),
    persistent: false,
    settings: { fsync: 'off' },
  });
  return { url: own.url, release: () => own.stop() };
}
