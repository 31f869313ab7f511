import { IsInt, Max, Min } from 'class-validator';
import { readEnvironment, TaskAppEnvironment, taskAppConfig, type TaskAppConfig } from '#runtime';

export class JanitorEnvironment extends TaskAppEnvironment {
  /** From the end of one run of a sweep to the start of the next. */
  @IsInt()
  @Min(1)
  @Max(7 * 24 * 3600)
  PATCHPOINT_SWEEP_INTERVAL_SECONDS: number = 3600;

  /** The same for the sweeps that watch daemons and spawns. */
  @IsInt()
  @Min(1)
  @Max(3600)
  PATCHPOINT_WATCH_INTERVAL_SECONDS: number = 10;

  /** A spawn that was not claimed for this long, although a daemon has a free slot, is sent again. */
  @IsInt()
  @Min(1)
  @Max(86_400)
  PATCHPOINT_SPAWN_TIMEOUT_SECONDS: number = 60;

  /** Automatic resumes in a row that may be lost without a new checkpoint before a task is given up. */
  @IsInt()
  @Min(0)
  @Max(1000)
  PATCHPOINT_MAX_RESUMES: number = 5;

  /** Dead letters are deleted after so many days; before that, when there are more than 10,000. */
  @IsInt()
  @Min(1)
  @Max(3650)
  PATCHPOINT_DEAD_LETTER_DAYS: number = 30;
}

export interface JanitorConfig extends TaskAppConfig {
  sweepIntervalSeconds: number;
  watchIntervalSeconds: number;
  spawnTimeoutSeconds: number;
  maxResumes: number;
  deadLetterDays: number;
}

/** @throws ConfigurationError naming every invalid variable */
export function readJanitorConfig(
  variables: Readonly<Record<string, string | undefined>> = process.env,
): JanitorConfig {
  const environment = readEnvironment(JanitorEnvironment, variables);
  return {
    ...taskAppConfig(environment),
    sweepIntervalSeconds: environment.PATCHPOINT_SWEEP_INTERVAL_SECONDS,
    watchIntervalSeconds: environment.PATCHPOINT_WATCH_INTERVAL_SECONDS,
    spawnTimeoutSeconds: environment.PATCHPOINT_SPAWN_TIMEOUT_SECONDS,
    maxResumes: environment.PATCHPOINT_MAX_RESUMES,
    deadLetterDays: environment.PATCHPOINT_DEAD_LETTER_DAYS,
  };
}
