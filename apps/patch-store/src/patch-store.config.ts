import { DatabaseAppEnvironment, databaseAppConfig, readEnvironment, type DatabaseAppConfig } from '#runtime';

/** patch-store needs nothing beyond what every app with a database is told. */
export class PatchStoreEnvironment extends DatabaseAppEnvironment {}

export type PatchStoreConfig = DatabaseAppConfig;

/** @throws ConfigurationError naming every variable at fault */
export function readPatchStoreConfig(
  variables: Readonly<Record<string, string | undefined>> = process.env,
): PatchStoreConfig {
  return databaseAppConfig(readEnvironment(PatchStoreEnvironment, variables));
}
