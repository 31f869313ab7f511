import { IsInt, IsOptional, Matches, Max, Min } from 'class-validator';
import {
  ConfigurationError,
  TaskAppEnvironment,
  taskAppConfig,
  readEnvironment,
  type TaskAppConfig,
} from '#runtime';
import { isLoopback } from './http/access.js';

export class PatchStoreEnvironment extends TaskAppEnvironment {
  /**
   * The token that requests must send as `Authorization: Bearer`. Without one, the API only listens on a
   * loopback address.
   */
  @IsOptional()
  @Matches(/^[\x21-\x7e]{16,}$/, { message: 'must be 16 or more visible characters without spaces' })
  PATCHPOINT_API_TOKEN?: string;

  /** Event streams that may be open at once over HTTP; one more is answered with 503. */
  @IsInt()
  @Min(1)
  @Max(10_000)
  PATCHPOINT_EVENT_STREAMS: number = 250;
}

export interface PatchStoreConfig extends TaskAppConfig {
  apiToken?: string;
  eventStreams: number;
}

/** @throws ConfigurationError naming every invalid variable */
export function readPatchStoreConfig(
  variables: Readonly<Record<string, string | undefined>> = process.env,
): PatchStoreConfig {
  const environment = readEnvironment(PatchStoreEnvironment, variables);
  const config = {
    ...taskAppConfig(environment),
    apiToken: environment.PATCHPOINT_API_TOKEN,
    eventStreams: environment.PATCHPOINT_EVENT_STREAMS,
  };
  if (config.apiToken === undefined && !isLoopback(config.http.host)) {
    throw new ConfigurationError([
      `PATCHPOINT_HTTP_HOST is "${config.http.host}", where other machines reach the API, and PATCHPOINT_API_TOKEN is not set: ` +
        'set it, or listen on 127.0.0.1.',
    ]);
  }
  return config;
}
