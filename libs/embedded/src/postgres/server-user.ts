import { execFileSync, spawnSync } from 'node:child_process';
import { EmbeddedError } from '../embedded-error.js';

/** The user that Postgres runs as. */
export interface ServerUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Nobody works as one of these. Not `nobody`, as which many services run: each of them could read the data.
 * `daemon` is what Debian calls handy for locally installed daemons, and every Unix has it.
 */
const SERVER_USERS = ['postgres', '_postgres', 'daemon'] as const;

/**
 * Postgres refuses to run as root. For root this is the first of {@link SERVER_USERS} that there is: no user
 * is created on the machine. Undefined for other users, who run Postgres as themselves.
 */
export function findServerUser(): ServerUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const [user] = SERVER_USERS.flatMap((name) => lookUp(name) ?? []);
  if (user === undefined) {
    throw new EmbeddedError(
      `Cannot run Postgres as root, and this machine has no user ${SERVER_USERS.join(', ')}. ` +
        'Create one (`useradd --system postgres`), or run as an ordinary user.',
    );
  }
  return user;
}

/** True if that user can enter, read and (for a program) execute the path. */
export function isReachable(path: string, user: ServerUser): boolean {
  const { uid, gid } = user;
  const test = spawnSync('/bin/sh', ['-c', 'test -x "$1"', 'sh', path], { uid, gid, cwd: '/' });
  return test.status === 0;
}

function lookUp(name: string): ServerUser | undefined {
  try {
    const [uid, gid] = ['-u', '-g'].map((flag) =>
      Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })),
    ) as [number, number];
    return { name, uid, gid };
  } catch {
    return undefined;
  }
}
