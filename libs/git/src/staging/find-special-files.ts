import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { LinkedFolders } from '../worktree/linked-folders.js';
import { listIgnored, type IndexLocation } from './list-changes.js';
import { joinPath, lookAt } from '../worktree/lstat-path.js';
import { Unseen } from '../worktree/unseen.js';
import { omit, type Omission } from '../values/omission.js';

/**
 * Enough to keep Node's four file system threads busy; the listings of all folders take a few hundred bytes
 * per file.
 */
const FOLDERS_AT_ONCE = 64;

type SpecialKind = 'socket' | 'fifo' | 'device';

/**
 * Finds what git silently skips: sockets, fifos and devices in folders of the worktree.
 *
 * @param folders in latin1; all that contain tracked or untracked files if `descend` is set, or only those
 *   where something changed
 * @param known paths found before, to be checked again
 * @param descend walk down from the top instead, into every folder that is among `folders` or not ignored:
 *   what a folder's own entry calls a folder need not be looked at before it is read, which halves the time
 */
export async function findSpecialFiles(
  index: IndexLocation & { workTree: string },
  request: { folders: ReadonlySet<string>; known: readonly Buffer[]; descend: boolean },
): Promise<{ paths: Buffer[]; omissions: Omission[] }> {
  const found = new Map<string, { path: Buffer; kind: SpecialKind }>();
  const note = (path: Buffer, kind: SpecialKind | null): void => {
    if (kind !== null) found.set(toLatin1(path), { path, kind });
  };
  for (const path of request.known) {
    const stat = await lookAt(index.workTree, path);
    if (stat !== null && !(stat instanceof Unseen)) note(path, kindOf(stat));
  }
  let folders = request.descend ? [''] : [...request.folders];
  while (folders.length > 0) {
    const known: string[] = [];
    const unknown: Buffer[] = [];
    for (let start = 0; start < folders.length; start += FOLDERS_AT_ONCE) {
      const batch = folders.slice(start, start + FOLDERS_AT_ONCE);
      for (const { path, entry } of await readFolders(index.workTree, batch)) {
        note(toBytes(path), kindOf(entry));
        if (!request.descend || !entry.isDirectory() || path === '.git') continue;
        if (request.folders.has(path)) known.push(path);
        else unknown.push(toBytes(path));
      }
    }
    folders = [...known, ...(await withoutIgnored(index, unknown)).map(toLatin1)];
  }
  const special = await withoutIgnored(
    index,
    [...found.values()].map(({ path }) => path),
  );
  const kindOfPath = (path: Buffer): SpecialKind => found.get(toLatin1(path))!.kind;
  return { paths: special, omissions: special.map((path) => omit(path, kindOfPath(path))) };
}

interface FoundEntry {
  path: string;
  entry: Dirent;
}

async function readFolders(worktreeDir: string, folders: readonly string[]): Promise<FoundEntry[]> {
  const listings = await Promise.all(folders.map((folder) => readFolder(worktreeDir, folder)));
  return listings.flat();
}

/**
 * Entries that are neither files nor links. A folder that is a repository, or not readable, contains nothing
 * that a capture would include.
 */
async function readFolder(worktreeDir: string, folder: string): Promise<FoundEntry[]> {
  const entries = await readdir(joinPath(worktreeDir, toBytes(folder)), {
    withFileTypes: true,
    encoding: 'latin1',
  }).catch(() => []);
  if (folder !== '' && entries.some((entry) => entry.name === '.git')) return [];
  return entries
    .filter((entry) => !entry.isFile() && !entry.isSymbolicLink())
    .map((entry) => ({ path: folder === '' ? entry.name : `${folder}/${entry.name}`, entry }));
}

function toBytes(path: string): Buffer {
  return Buffer.from(path, 'latin1');
}

function toLatin1(path: Buffer): string {
  return path.toString('latin1');
}

/** A path behind a link, which git refuses to match, is another name for one that is also checked. */
async function withoutIgnored(
  index: IndexLocation & { workTree: string },
  paths: readonly Buffer[],
): Promise<Buffer[]> {
  const linkedFolders = new LinkedFolders(index.workTree);
  const reachable: Buffer[] = [];
  for (const path of paths) {
    if (!(await linkedFolders.isBehindLink(path))) reachable.push(path);
  }
  const ignored = new Set((await listIgnored(index, reachable)).map(toLatin1));
  return reachable.filter((path) => !ignored.has(toLatin1(path)));
}

interface Kind {
  isSocket(): boolean;
  isFIFO(): boolean;
  isBlockDevice(): boolean;
  isCharacterDevice(): boolean;
}

function kindOf(entry: Kind): SpecialKind | null {
  if (entry.isSocket()) return 'socket';
  if (entry.isFIFO()) return 'fifo';
  if (entry.isBlockDevice() || entry.isCharacterDevice()) return 'device';
  return null;
}
