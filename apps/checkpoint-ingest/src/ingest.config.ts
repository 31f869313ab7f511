import { DatabaseAppEnvironment, databaseAppConfig, readEnvironment, type DatabaseAppConfig } from '#runtime';

/** checkpoint-ingest has no variables beyond those of every app with a database. */
export class IngestEnvironment extends DatabaseAppEnvironment {}

export type IngestConfig = DatabaseAppConfig;

/** @throws ConfigurationError naming every invalid variable */
export function readIngestConfig(
  variables: Readonly<Record<string, string | undefined>> = process.env,
): IngestConfig {
  return databaseAppConfig(readEnvironment(IngestEnvironment, variables));
}
