import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EmbeddedError } from '../embedded-error.js';
import type { ServerUser } from './server-user.js';

const run = promisify(execFile);

export const superuser = 'patchpoint';
const passwordFileName = 'password';
const clusterName = 'cluster';

export interface Cluster {
  readonly dir: string;
  readonly password: string;
}

/**
 * The Postgres cluster in a data folder, made on the first call. A run that died halfway leaves nothing that
 * a later one mistakes for a cluster: it is made under another name and renamed when complete.
 */
export async function initializeCluster(options: {
  readonly place: string;
  readonly programs: string;
  readonly user: ServerUser | undefined;
  readonly syncToDisk: boolean;
}): Promise<Cluster> {
  const dir = join(options.place, clusterName);
  const passwordFile = join(options.place, passwordFileName);
  const made = await stat(dir).catch(() => undefined);
  if (made === undefined) {
    await removeUnfinished(options.place);
    await writePassword(passwordFile, options.user);
    await createCluster(dir, passwordFile, options);
  } else if (options.user !== undefined && made.uid !== options.user.uid) {
    await handOver([dir, passwordFile], options.user);
  }
  return { dir, password: (await readFile(passwordFile, 'utf8')).trim() };
}

/** To the user that Postgres runs as now: an earlier version, or another machine, chose another one. */
async function handOver(paths: readonly string[], { uid, gid }: ServerUser): Promise<void> {
  await run('chown', ['-R', `${uid}:${gid}`, ...paths]);
}

async function writePassword(file: string, user: ServerUser | undefined): Promise<void> {
  await rm(file, { force: true });
  await writeFile(file, randomBytes(24).toString('base64url'), { mode: 0o600 });
  if (user !== undefined) await chown(file, user.uid, user.gid); // initdb reads it as that user
}

async function createCluster(
  dir: string,
  passwordFile: string,
  options: Parameters<typeof initializeCluster>[0],
): Promise<void> {
  const unfinished = await mkdtemp(`${dir}.`);
  if (options.user !== undefined) await chown(unfinished, options.user.uid, options.user.gid);
  try {
    await run(
      join(options.programs, 'bin', 'initdb'),
      [
        `--pgdata=${unfinished}`,
        `--username=${superuser}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        // Postgres' built-in locale sorts the same on every machine.
        '--no-locale',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        ...(options.syncToDisk ? [] : ['--no-sync']),
      ],
      { cwd: '/', ...options.user },
    );
  } catch (cause) {
    await rm(unfinished, { recursive: true, force: true });
    const { stderr, message } = cause as Error & { stderr?: string };
    throw new EmbeddedError(
      `Cannot initialize a Postgres cluster in ${options.place}: ${stderr?.trim() || message}. ` +
        'Check that the folder is writable and the disk has 100 MB free.',
      { cause },
    );
  }
  await rename(unfinished, dir);
}

async function removeUnfinished(place: string): Promise<void> {
  await mkdir(place, { recursive: true });
  const names = (await readdir(place)).filter((name) => name.startsWith(`${clusterName}.`));
  await Promise.all(names.map((name) => rm(join(place, name), { recursive: true, force: true })));
}
