import { createHash, randomUUID } from 'node:crypto';
import { link, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';

/** Of a file that is being written, beside the place where it is to be. */
const PREFIX = '.patchpoint-writing-';

/** What a file system says that knows no hard links. */
const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/**
 * Writes a new file or link so that its real name only ever stands for the whole of it: written under a
 * temporary name in the same folder, then given its own. Nothing is left of one that fails. Not flushed to
 * the disk: a loss of power may cut off what a kill cannot.
 *
 * @param place its folder is there
 * @param mode of a file, before the umask; undefined for a link, whose target the data is
 * @throws NodeJS.ErrnoException `EEXIST` when something has that name: it is never replaced
 */
export async function placeFile(place: Buffer, data: Buffer, mode: number | undefined): Promise<void> {
  const [folder, name] = splitPlace(place);
  const temporary = Buffer.concat([
    folder,
    Buffer.from(`${temporaryPrefix(name)}${process.pid}-${randomUUID().slice(0, 8)}`),
  ]);
  try {
    if (mode === undefined) await symlink(data, temporary);
    else await writeFile(temporary, data, { flag: 'wx', mode });
    await giveName(temporary, place);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Removes what killed attempts at this file left beside it. Those of processes that still run are kept. */
export async function removeUnplaced(place: Buffer): Promise<void> {
  const [folder, name] = splitPlace(place);
  const prefix = temporaryPrefix(name);
  const names = await readdir(folder, { encoding: 'buffer' }).catch(() => []);
  for (const found of names) {
    const text = found.toString('latin1');
    if (!text.startsWith(prefix) || isAlive(Number.parseInt(text.slice(prefix.length), 10))) continue;
    await rm(Buffer.concat([folder, found]), { force: true });
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
