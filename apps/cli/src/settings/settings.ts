import { readPrivately } from '#embedded';
import { CliError, usageError } from '../errors/cli-error.js';
import { EXIT_CODES } from '../errors/exit-codes.js';
import { readConfigFile, type ConfigFile } from './config-file.js';
import { findRunningStacks, type RunningStack } from './running-stacks.js';

/** How to reach the server. */
export interface Settings {
  /** patch-store's address. */
  server: string;
  token: string | undefined;
  /** Where the token came from, or where one would have been looked for; for people. */
  tokenFrom: string;
  /** Where the address came from, for people. */
  serverFrom: string;
}

/** Which token: itself, or the file that holds it. */
interface DecidedSettings extends Omit<Settings, 'token'> {
  token?: string | undefined;
  tokenFile?: string | undefined;
}

export interface SettingsSources {
  flags: { server?: string | undefined };
  variables: Readonly<Record<string, string | undefined>>;
  file: ConfigFile;
  running: readonly RunningStack[];
}

/**
 * Reads flags, environment, config file and running stacks. See {@link decideSettings}.
 *
 * @throws CliError also when the file of a token is not there, or can be read by others
 */
export function readSettings(flags: SettingsSources['flags']): Settings {
  const { tokenFile, token, ...settings } = decideSettings({
    flags,
    variables: process.env,
    file: readConfigFile(),
    running: findRunningStacks(),
  });
  return { ...settings, token: tokenFile === undefined ? token : readToken(tokenFile) };
}

function readToken(file: string): string {
  const token = readPrivately(file)?.trim();
  if (token) return token;
  throw new CliError(`${file}, where the token of the server is kept, is not there.`, {
    code: 'NO_TOKEN',
    nextStep: 'Restart that `patchpoint up`, which makes another one, or set PATCHPOINT_API_TOKEN.',
    exitCode: EXIT_CODES.noServer,
  });
}

/**
 * Pure: the first of flag, variable, config file and a `patchpoint up` on this machine. The tokens of the
 * config file and of a `patchpoint up` belong to their servers, and are not sent to any other.
 *
 * @throws CliError if none names a server, or several stacks are running
 */
export function decideSettings(sources: SettingsSources): DecidedSettings {
  const { flags, variables, file, running } = sources;
  const named = [
    [flags.server, '--server'],
    [variables['PATCHPOINT_SERVER'], 'PATCHPOINT_SERVER'],
    [file.server, 'the config file'],
  ] as const;
  for (const [server, serverFrom] of named) {
    if (!server) continue;
    return { server: requireHttpUrl(server, serverFrom), serverFrom, ...decideToken(server, sources) };
  }
  const [only, ...others] = running;
  if (only === undefined) throw noServer();
  if (others.length > 0) throw severalServers(running);
  const serverFrom = `\`patchpoint up\` in ${only.dataDir}`;
  return { server: only.server, serverFrom, ...decideToken(only.server, sources) };
}

function decideToken(
  server: string,
  { variables, file, running }: SettingsSources,
): Pick<DecidedSettings, 'token' | 'tokenFile' | 'tokenFrom'> {
  const own = variables['PATCHPOINT_API_TOKEN'];
  if (own) return { token: own, tokenFrom: 'PATCHPOINT_API_TOKEN' };
  if (file.token !== undefined && sameOrigin(server, file.server)) {
    return { token: file.token, tokenFrom: '"token" in the config file' };
  }
  const stack = running.find((each) => sameOrigin(server, each.server));
  if (stack?.apiTokenFile !== undefined) {
    return { tokenFile: stack.apiTokenFile, tokenFrom: stack.apiTokenFile };
  }
  return { tokenFrom: 'PATCHPOINT_API_TOKEN, or "token" in the config file' };
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
  if (URL.canParse(server) && new URL(server).password !== '') {
    throw usageError(
      `The address of ${from} holds a password, which patch-store does not ask for.`,
      'Leave it out, and set PATCHPOINT_API_TOKEN to the token.',
    );
  }
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
