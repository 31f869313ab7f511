import { IsInt, Max, Min } from 'class-validator';
import { DatabaseAppEnvironment, databaseAppConfig, readEnvironment, type DatabaseAppConfig } from '#runtime';

export class JanitorEnvironment extends DatabaseAppEnvironment {
  /** From the end of one run of a sweep to the start of the next. */
  @IsInt()
  @Min(1)
  @Max(7 * 24 * 3600)
  PATCHPOINT_SWEEP_INTERVAL_SECONDS: number = 3600;
}

export interface JanitorConfig extends DatabaseAppConfig {
  sweepIntervalSeconds: number;
}

/** @throws ConfigurationError naming every variable at fault */
export function readJanitorConfig(
  variables: Readonly<Record<string, string | undefined>> = process.env,
): JanitorConfig {
  const environment = readEnvironment(JanitorEnvironment, variables);
  return {
    ...databaseAppConfig(environment),
    sweepIntervalSeconds: environment.PATCHPOINT_SWEEP_INTERVAL_SECONDS,
  };
}
