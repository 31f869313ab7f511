import type { AppName } from '../apps/app-name.js';
import type { StackCredentials } from '../credentials/open-credentials.js';

/**
 * Pure: the variables by which an app finds the servers of a stack, and proves itself to them. Empty ones
 * take the place of those of whoever starts the stack.
 *
 * @param name of the process: for a daemon its id
 * @param credentials absent: none are asked for
 */
export function appAddresses(
  app: AppName,
  name: string,
  servers: { natsUrl: string; databaseUrl: string },
  credentials: StackCredentials | undefined,
): Record<string, string> {
  const files = credentials?.files;
  // An agent runs other people's programs: its daemon has nothing that opens the database or the API, and of
  // NATS an account of its own.
  const isTrusted = app !== 'daemon-agent';
  const natsFile = isTrusted ? files?.natsServices : files?.natsDaemon(name);
  return {
    NATS_URL: servers.natsUrl,
    PATCHPOINT_NATS_CREDENTIALS_FILE: natsFile ?? '',
    PATCHPOINT_JETSTREAM_DOMAIN: (!isTrusted && credentials?.jetStreamDomain) || '',
    DATABASE_URL: isTrusted ? servers.databaseUrl : '',
    PATCHPOINT_API_TOKEN: (isTrusted && credentials?.apiToken) || '',
  };
}
