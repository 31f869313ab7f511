import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { NAME_TOKEN } from '#contracts';
import { readIfThere, writeDurably } from './durable-file.js';

/**
 * The daemon's id: the configured one, else the one in the state folder, generated at the first start from
 * the host's name. It survives restarts, so that the daemon keeps its tasks.
 */
export async function daemonIdentity(options: {
  stateDir: string;
  configured?: string;
  hostname: string;
}): Promise<string> {
  if (options.configured !== undefined) return options.configured;
  const path = join(options.stateDir, 'daemon-id');
  const kept = (await readIfThere(path))?.toString('utf8').trim();
  if (kept !== undefined && NAME_TOKEN.test(kept)) return kept;
  const made = `${tokenFrom(options.hostname)}-${randomBytes(3).toString('hex')}`;
  await writeDurably(path, `${made}\n`);
  return made;
}

function tokenFrom(hostname: string): string {
  const token = hostname.replace(/[^A-Za-z0-9_-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '');
  return token.slice(0, 48) || 'daemon';
}
