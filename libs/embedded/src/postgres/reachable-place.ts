import {
  chmod,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  realpath,
  rename,
  rm,
  rmdir,
  symlink,
} from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedError } from '../embedded-error.js';
import { privateFolder } from '../privacy/private-files.js';
import type { PostgresPrograms } from './postgres-programs.js';
import { isReachable, type ServerUser } from './server-user.js';

/*
 * Root's clone may be where no other user has access, such as below /root, while Postgres runs as another
 * user. Its programs and data are then placed in the system's folders for caches and state, which every user
 * can enter.
 */
const systemCacheDir = '/var/cache/patchpoint';
const systemStateDir = '/var/lib/patchpoint';

/**
 * The folder of the Postgres programs, where `user` can run them: the given one, or a copy below /var/cache
 * (60 MB, made once per version). May run in several processes concurrently.
 */
export async function reachablePrograms(
  programs: PostgresPrograms,
  user: ServerUser | undefined,
  cacheDir = systemCacheDir,
): Promise<string> {
  if (user === undefined || isReachable(join(programs.home, 'bin', 'postgres'), user)) return programs.home;
  const copy = join(cacheDir, `postgres-${programs.version}`);
  if (isReachable(join(copy, 'bin', 'postgres'), user)) return copy;

  await mkdir(cacheDir, { recursive: true, mode: 0o755 });
  const unfinished = await mkdtemp(`${copy}.`);
  await cp(programs.home, unfinished, { recursive: true, verbatimSymlinks: true });
  await chmod(unfinished, 0o755);
  try {
    await rename(unfinished, copy);
  } catch {
    await rm(unfinished, { recursive: true, force: true }); // another process was first
  }
  if (!isReachable(join(copy, 'bin', 'postgres'), user)) throw unreachable(copy, user);
  return copy;
}

/**
 * Creates the data folder, closed to all but its owner and `user`, and returns its real path. If `user`
 * cannot enter it, it becomes a symbolic link to a new folder below /var/lib, so that the next start finds
 * the data again.
 */
export async function reachableDataDir(
  dataDir: string,
  user: ServerUser | undefined,
  stateDir = systemStateDir,
): Promise<string> {
  privateFolder(dataDir, user?.gid);
  const place = await realpath(dataDir);
  if (user === undefined || isReachable(place, user)) return place;

  if ((await readdir(place)).length > 0 || (await lstat(dataDir)).isSymbolicLink())
    throw unreachable(place, user);
  await mkdir(stateDir, { recursive: true, mode: 0o755 });
  const target = await mkdtemp(join(stateDir, 'postgres-'));
  privateFolder(target, user.gid);
  if (!isReachable(target, user)) throw unreachable(target, user);
  await rmdir(dataDir);
  await symlink(target, dataDir);
  return target;
}

/** Deletes the data folder, and its target if it is a link. Does nothing if it does not exist. */
export async function removeDataDir(dataDir: string): Promise<void> {
  const target = await realpath(dataDir).catch(() => dataDir);
  await rm(target, { recursive: true, force: true, maxRetries: 5 });
  await rm(dataDir, { recursive: true, force: true });
}

function unreachable(path: string, user: ServerUser): EmbeddedError {
  return new EmbeddedError(
    `Postgres must run as the user ${user.name}, not as root, and that user cannot enter ${path}. ` +
      'Run as an ordinary user, or set PATCHPOINT_DATA_DIR to a folder that every user can enter.',
  );
}
