import { CliError, usageError } from '../errors/cli-error.js';
import { EXIT_CODES } from '../errors/exit-codes.js';
import { readConfigFile, type ConfigFile } from './config-file.js';
import { findRunningStacks, type RunningStack } from './running-stacks.js';

/** How to reach the server. */
export interface Settings {
  /** patch-store's address. */
  server: string;
  token: string | undefined;
  /** Where the address came from, for people. */
  serverFrom: string;
}

export interface SettingsSources {
  flags: { server?: string | undefined };
  variables: Readonly<Record<string, string | undefined>>;
  file: ConfigFile;
  running: readonly RunningStack[];
}

/** Reads flags, environment, config file and running stacks. See {@link decideSettings}. */
export function readSettings(flags: SettingsSources['flags']): Settings {
  return decideSettings({
    flags,
    variables: process.env,
    file: readConfigFile(),
    running: findRunningStacks(),
  });
}

/**
 * Pure: the first of flag, variable, config file and a `patchpoint up` on this machine. The token of the
 * config file belongs to the server named there, and is not sent to any other.
 *
 * @throws CliError if none names a server, or several stacks are running
 */
export function decideSettings({ flags, variables, file, running }: SettingsSources): Settings {
  const ownToken = variables['PATCHPOINT_API_TOKEN'] || undefined;
  const named = [
    [flags.server, '--server'],
    [variables['PATCHPOINT_SERVER'], 'PATCHPOINT_SERVER'],
    [file.server, 'the config file'],
  ] as const;
  for (const [server, serverFrom] of named) {
    if (!server) continue;
    const token = ownToken ?? (sameOrigin(server, file.server) ? file.token : undefined);
    return { server: requireHttpUrl(server, serverFrom), token, serverFrom };
  }
  const [only, ...others] = running;
  if (only === undefined) throw noServer();
  if (others.length > 0) throw severalServers(running);
  return { server: only.server, token: ownToken, serverFrom: `\`patchpoint up\` in ${only.dataDir}` };
}

function sameOrigin(server: string, other: string | undefined): boolean {
  return (
    other !== undefined &&
    URL.canParse(server) &&
    URL.canParse(other) &&
    new URL(server).origin === new URL(other).origin
  );
}

function requireHttpUrl(server: string, from: string): string {
  if (URL.canParse(server) && /^https?:$/.test(new URL(server).protocol)) return server;
  throw usageError(
    `"${server}" (${from}) is not an http:// or https:// address.`,
    'Specify one like http://127.0.0.1:8080.',
  );
}

function noServer(): CliError {
  return new CliError('No Patchpoint is running here, and no server is specified.', {
    code: 'NO_SERVER',
    nextStep: 'Start one with `patchpoint up`, or specify yours with --server or PATCHPOINT_SERVER.',
    exitCode: EXIT_CODES.noServer,
  });
}

function severalServers(running: readonly RunningStack[]): CliError {
  const list = running.map(({ server, dataDir }) => `  ${server}  ${dataDir}`).join('\n');
  return new CliError(`Several Patchpoints are running here:\n${list}`, {
    code: 'SEVERAL_SERVERS',
    nextStep: 'Choose one with --server.',
    exitCode: EXIT_CODES.usage,
  });
}
