import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { ConfigurationError } from './configuration-error.js';

/** A key that wraps the keys of tasks. */
export interface EncryptionKey {
  /** What wrapped keys name it by. */
  id: string;
  /** 32 bytes. */
  key: Buffer;
}

const COMMAND_TIMEOUT_MILLISECONDS = 30_000;
const LINE = /^([A-Za-z0-9_-]{1,64})\s+([A-Za-z0-9+/]{43}=)$/;

/**
 * The keys of a file, or of what a command prints: a line each, `<id> <32 bytes in base64>`. The first wraps,
 * the others only unwrap. Empty lines and those that begin with `#` do not count.
 *
 * @returns none where neither is named
 * @throws ConfigurationError; it never says a key
 */
export function readEncryptionKeys(file: string | undefined, command: string | undefined): EncryptionKey[] {
  if (file !== undefined && command !== undefined) {
    throw problem('PATCHPOINT_ENCRYPTION_KEY_FILE', 'set it or PATCHPOINT_ENCRYPTION_KEY_COMMAND, not both');
  }
  if (file !== undefined) return parse('PATCHPOINT_ENCRYPTION_KEY_FILE', readPrivately(file));
  if (command !== undefined) return parse('PATCHPOINT_ENCRYPTION_KEY_COMMAND', outputOf(command));
  return [];
}

function readPrivately(file: string): string {
  const variable = 'PATCHPOINT_ENCRYPTION_KEY_FILE';
  try {
    if ((statSync(file).mode & 0o007) !== 0) throw new Error(`others can read it: chmod 600 ${file}`);
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw problem(variable, (error as Error).message);
  }
}

function outputOf(command: string): string {
  try {
    return execFileSync('/bin/sh', ['-c', command], {
      encoding: 'utf8',
      timeout: COMMAND_TIMEOUT_MILLISECONDS,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  } catch (error) {
    // Not its message, in which what it printed may be.
    const { status, code } = error as { status?: number | null; code?: string };
    const end = status === undefined || status === null ? (code ?? 'a signal') : `exit code ${status}`;
    throw problem('PATCHPOINT_ENCRYPTION_KEY_COMMAND', `it ended with ${end}`);
  }
}

/** Pure. */
function parse(variable: string, text: string): EncryptionKey[] {
  const lines = text.split('\n').map((line) => line.trim());
  const keys = lines
    .map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => line !== '' && !line.startsWith('#'))
    .map(({ line, number }) => {
      const [, id, key] = LINE.exec(line) ?? [];
      if (id === undefined) {
        throw problem(
          variable,
          `line ${number} is not an id and 32 bytes in base64 (openssl rand -base64 32)`,
        );
      }
      return { id, key: Buffer.from(key!, 'base64') };
    });
  if (keys.length === 0) throw problem(variable, 'there is no key in it');
  if (new Set(keys.map(({ id }) => id)).size < keys.length) throw problem(variable, 'two keys have one id');
  return keys;
}

function problem(variable: string, what: string): ConfigurationError {
  return new ConfigurationError([`${variable}: ${what}.`]);
}
