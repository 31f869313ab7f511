import { createHash, randomUUID } from 'node:crypto';
import { link, open, readdir, rename, rm, symlink } from 'node:fs/promises';

/** Of a file that is being written, beside the place where it is to be. */
const PREFIX = '.patchpoint-writing-';
const TEMPORARY_NAME = new RegExp(`^(${PREFIX.replace('.', String.raw`\.`)}[0-9a-f]{16}-)(\\d+)-`);

/** What a file system says that knows no hard links. */
const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/** `exact`: whatever the umask, and never more readable than that, not even while it is written. */
export type FileMode = { exact: number } | { beforeUmask: number };

/**
 * Writes a new file or link so that its real name only ever stands for the whole of it: written under a
 * temporary name in the same folder, flushed to the disk, then given its own. Nothing is left of one that
 * fails.
 *
 * @param place its folder is there
 * @param mode of a file; undefined for a link, whose target the data is
 * @throws NodeJS.ErrnoException `EEXIST` when something has that name: it is never replaced
 */
export async function placeFile(place: Buffer, data: Buffer, mode: FileMode | undefined): Promise<void> {
  const [folder, name] = splitPlace(place);
  const temporary = Buffer.concat([
    folder,
    Buffer.from(`${temporaryPrefix(name)}${process.pid}-${randomUUID().slice(0, 8)}`),
  ]);
  try {
    if (mode === undefined) await symlink(data, temporary);
    else await writeFlushed(temporary, data, mode);
    await giveName(temporary, place);
  } finally {
    await rm(temporary, { force: true });
  }
}

/**
 * Removes what killed attempts at these files left beside them. Those of processes that still run are kept.
 */
export async function removeUnplaced(places: readonly Buffer[]): Promise<void> {
  for (const [folder, prefixes] of prefixesByFolder(places)) {
    const folderPath = Buffer.from(folder, 'latin1');
    const names = await readdir(folderPath, { encoding: 'buffer' }).catch(() => []);
    for (const found of names) {
      const [, prefix, pid] = TEMPORARY_NAME.exec(found.toString('latin1')) ?? [];
      if (prefix === undefined || !prefixes.has(prefix) || isAlive(Number(pid))) continue;
      await rm(Buffer.concat([folderPath, found]), { force: true });
    }
  }
}

/** Each folder is listed once, however many files are to be in it. Folders are in latin1. */
function prefixesByFolder(places: readonly Buffer[]): Map<string, Set<string>> {
  const byFolder = new Map<string, Set<string>>();
  for (const place of places) {
    const [folder, name] = splitPlace(place);
    const key = folder.toString('latin1');
    const prefixes = byFolder.get(key) ?? new Set();
    byFolder.set(key, prefixes.add(temporaryPrefix(name)));
  }
  return byFolder;
}

/** A disk that fills up, or is away, may say so only when it has to keep its promise. */
async function writeFlushed(path: Buffer, data: Buffer, mode: FileMode): Promise<void> {
  const isExact = 'exact' in mode;
  const file = await open(path, 'wx', isExact ? 0o600 & mode.exact : mode.beforeUmask);
  try {
    if (isExact) await file.chmod(mode.exact);
    await file.writeFile(data);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A hard link, since a rename would replace what has come to lie there in the meantime. */
async function giveName(temporary: Buffer, place: Buffer): Promise<void> {
  try {
    await link(temporary, place);
  } catch (error) {
    if (!NO_LINKS.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await rename(temporary, place);
  }
}

/** By a digest: with the name itself it could be longer than a name may be. */
function temporaryPrefix(name: Buffer): string {
  return `${PREFIX}${createHash('sha256').update(name).digest('hex').slice(0, 16)}-`;
}

function splitPlace(place: Buffer): [folder: Buffer, name: Buffer] {
  const slash = place.lastIndexOf('/');
  return [place.subarray(0, slash + 1), place.subarray(slash + 1)];
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
