import { DatabaseAppEnvironment, databaseAppConfig, readEnvironment, type DatabaseAppConfig } from '#runtime';

/** checkpoint-ingest needs nothing beyond what every app with a database is told. */
export class IngestEnvironment extends DatabaseAppEnvironment {}

export type IngestConfig = DatabaseAppConfig;

/** @throws ConfigurationError naming every variable at fault */
export function readIngestConfig(
  variables: Readonly<Record<string, string | undefined>> = process.env,
): IngestConfig {
  return databaseAppConfig(readEnvironment(IngestEnvironment, variables));
}
