import { CliError } from '../errors/cli-error.js';
import { EXIT_CODES } from '../errors/exit-codes.js';
import type { ConfigFile } from './config-file.js';
import type { RunningStack } from './running-stacks.js';

/**
 * Pure: where this machine's agent finds NATS: the first of flag, variable, config file, and the `patchpoint
 * up` whose server is used. NATS and server are one Patchpoint, so an address is never taken from another
 * one's record.
 *
 * @throws CliError if none names it
 */
export function decideNatsUrl(sources: {
  flag: string | undefined;
  variables: Readonly<Record<string, string | undefined>>;
  file: ConfigFile;
  running: readonly RunningStack[];
  /** The server in use. */
  server: string;
}): string {
  const { flag, variables, file, running, server } = sources;
  const stack = running.find((each) => new URL(each.server).origin === new URL(server).origin);
  const url = flag || variables['NATS_URL'] || file.nats || stack?.natsUrl;
  if (url) return url;
  throw new CliError(`The address of the NATS of ${server} is unknown.`, {
    code: 'NO_NATS',
    nextStep: 'Specify it with --nats, NATS_URL, or "nats" in the config file.',
    exitCode: EXIT_CODES.usage,
  });
}
