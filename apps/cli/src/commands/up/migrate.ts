import { Command, Option } from 'commander';
import { printLine } from '../../output/print-line.js';

const noDatabase =
  'No database to migrate: set DATABASE_URL to postgresql://USER:PASSWORD@HOST:PORT/DATABASE, or pass --database-url. ' +
  '(`patchpoint up` migrates its own.)';

/** `patchpoint migrate`: brings a database to the current schema. */
export function migrateCommand(): Command {
  return new Command('migrate')
    .description('bring the database to the current schema; safe to run concurrently')
    .addOption(
      new Option('--database-url <url>', 'postgresql://USER:PASSWORD@HOST:PORT/DATABASE').env('DATABASE_URL'),
    )
    .action(async ({ databaseUrl }: { databaseUrl?: string }) => {
      if (!databaseUrl) throw new Error(noDatabase);
      // Loads TypeORM, which other commands should not wait for.
      const { migrate } = await import('#database');
      const applied = await migrate(databaseUrl);
      for (const name of applied) printLine(`applied ${name}`);
      if (applied.length === 0) printLine('The database is up to date.');
    });
}
