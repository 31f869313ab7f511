import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { usageError } from '../errors/cli-error.js';
import { configFolder } from './xdg.js';

/** `config.json` in the XDG folder. */
export interface ConfigFile {
  /** patch-store's address. */
  server?: string;
  /** Its bearer token. */
  token?: string;
  /** Where the agents of this machine find NATS. */
  nats?: string;
  /** By what they prove there who they are. */
  natsCredentialsFile?: string;
}

const KEYS: ReadonlySet<string> = new Set<keyof ConfigFile>([
  'server',
  'token',
  'nats',
  'natsCredentialsFile',
]);

export function configFilePath(): string {
  return join(configFolder(), 'config.json');
}

/**
 * Empty if there is no file.
 *
 * @throws CliError naming the file and what is wrong in it
 */
export function readConfigFile(path = configFilePath()): ConfigFile {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw usageError(
      `${path} cannot be read: ${(error as Error).message}.`,
      'Make it readable, or remove it.',
    );
  }
  return parseConfig(text, path);
}

/** Pure. */
export function parseConfig(text: string, path: string): ConfigFile {
  const example = 'It is JSON, like {"server": "https://patchpoint.example.com", "token": "…"}.';
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch (error) {
    throw usageError(`${path} is not JSON: ${(error as Error).message}.`, example);
  }
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    throw usageError(`${path} is not a JSON object.`, example);
  }
  for (const [key, value] of Object.entries(config)) {
    if (!KEYS.has(key))
      throw usageError(`${path}: there is no setting "${key}".`, `There are ${[...KEYS].join(', ')}.`);
    if (typeof value !== 'string' || value === '')
      throw usageError(`${path}: "${key}" is not a string.`, example);
  }
  return config as ConfigFile;
}
