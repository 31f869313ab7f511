import { CliError } from '../errors/cli-error.js';
import { EXIT_CODES } from '../errors/exit-codes.js';
import type { ConfigFile } from './config-file.js';
import type { RunningStack } from './running-stacks.js';

/** Where NATS is, and how we prove there who we are. */
export interface NatsPlace {
  url: string;
  /** Undefined: by a login in the URL, or not at all. */
  credentialsFile: string | undefined;
}

export interface NatsSources {
  flag: string | undefined;
  variables: Readonly<Record<string, string | undefined>>;
  file: ConfigFile;
  running: readonly RunningStack[];
  /** The server in use. */
  server: string;
}

/**
 * Pure: where this machine's agent finds NATS: the first of flag, variable, config file, and the `patchpoint
 * up` whose server is used. NATS and server are one Patchpoint, so an address is never taken from another
 * one's record. The credentials of a `patchpoint up` are for its own NATS alone, whoever named that.
 *
 * @throws CliError if none names it
 */
export function decideNats({ flag, variables, file, running, server }: NatsSources): NatsPlace {
  const stack = running.find((each) => new URL(each.server).origin === new URL(server).origin);
  const url = flag || variables['NATS_URL'] || file.nats || stack?.natsUrl;
  if (url) return { url, credentialsFile: natsCredentialsFile(url, { variables, file }, stack) };
  throw new CliError(`The address of the NATS of ${server} is unknown.`, {
    code: 'NO_NATS',
    nextStep: 'Specify it with --nats, NATS_URL, or "nats" in the config file.',
    exitCode: EXIT_CODES.usage,
  });
}

/** Pure: the file to prove ourselves by at that address: the one named, or the stack's if it is its NATS. */
export function natsCredentialsFile(
  url: string | undefined,
  { variables, file }: Pick<NatsSources, 'variables' | 'file'>,
  stack: RunningStack | undefined,
): string | undefined {
  const named = variables['PATCHPOINT_NATS_CREDENTIALS_FILE'];
  if (!named && url === file.nats && file.natsCredentialsFile) return file.natsCredentialsFile;
  return named || (url === stack?.natsUrl ? stack?.natsCredentialsFile : undefined);
}

/** Pure. */
export function isSameNats(one: NatsPlace | undefined, other: NatsPlace | undefined): boolean {
  return one?.url === other?.url && one?.credentialsFile === other?.credentialsFile;
}
