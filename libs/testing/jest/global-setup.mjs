import { existsSync } from 'node:fs';
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * One Postgres for the whole run. Jest loads this file without its transform, so it needs the compiled
 * `libs/embedded`, which `npm test` has just built. Without it, each spec file that asks for a database
 * starts a Postgres of its own, which is slower and tests the same.
 */
export default async function globalSetup() {
  const compiled = new URL('../../../dist/libs/embedded/src/postgres/start-postgres.js', import.meta.url);
  if (!existsSync(compiled)) return;
  const { startPostgres } = await import(compiled.href);

  const dataDir = await mkdtemp(join(tmpdir(), 'patchpoint-tests-'));
  await chmod(dataDir, 0o711);
  const postgres = await startPostgres({ dataDir, persistent: false, settings: { fsync: 'off' } });
  process.env.PATCHPOINT_TEST_POSTGRES_URL = postgres.url; // workers inherit it
  globalThis.patchpointTestPostgres = postgres;
}
