import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { LinkedFolders } from './linked-folders.js';
import { listIgnored, type IndexLocation } from './list-changes.js';
import { joinPath, lookAt } from './lstat-path.js';
import { omit, type Omission } from './omission.js';

/** Enough to keep Node's four file system threads busy; the listings of all folders are some hundred bytes for every file. */
const FOLDERS_AT_ONCE = 64;

type SpecialKind = 'socket' | 'fifo' | 'device';

/**
 * Finds what git passes over without a word: sockets, fifos and devices in folders of the worktree.
 *
 * @param folders in latin1; all that hold tracked or untracked files when `descend` is set, or only those where something changed
 * @param known paths found before, to be looked at again
 * @param descend also look into folders that are neither among `folders` nor ignored
 */
export async function findSpecialFiles(
  index: IndexLocation & { workTree: string },
  request: { folders: ReadonlySet<string>; known: readonly Buffer[]; descend: boolean },
): Promise<{ paths: Buffer[]; omissions: Omission[] }> {
  const found = new Map<string, { path: Buffer; kind: SpecialKind }>();
  const note = (path: Buffer, kind: SpecialKind | null): void => {
    if (kind !== null) found.set(path.toString('latin1'), { path, kind });
  };
  for (const path of request.known) {
    const stat = await lookAt(index.workTree, path);
    if (stat !== null && stat !== 'denied') note(path, kindOf(stat));
  }
  let folders: Buffer[] = [...request.folders].map((folder) => Buffer.from(folder, 'latin1'));
  while (folders.length > 0) {
    const unknown: Buffer[] = [];
    for (let start = 0; start < folders.length; start += FOLDERS_AT_ONCE) {
      const batch = folders.slice(start, start + FOLDERS_AT_ONCE);
      for (const { path, entry } of await readFolders(index.workTree, batch)) {
        note(path, kindOf(entry));
        if (entry.isDirectory() && !request.folders.has(path.toString('latin1'))) unknown.push(path);
      }
    }
    folders = request.descend ? await withoutIgnored(index, unknown.filter(isNoGitDir)) : [];
  }
  const special = await withoutIgnored(
    index,
    [...found.values()].map(({ path }) => path),
  );
  const kindOfPath = (path: Buffer): SpecialKind => found.get(path.toString('latin1'))!.kind;
  return { paths: special, omissions: special.map((path) => omit(path, kindOfPath(path))) };
}

interface FoundEntry {
  path: Buffer;
  entry: Dirent<Buffer>;
}

async function readFolders(worktreeDir: string, folders: readonly Buffer[]): Promise<FoundEntry[]> {
  const listings = await Promise.all(folders.map((folder) => readFolder(worktreeDir, folder)));
  return listings.flat();
}

async function readFolder(worktreeDir: string, folder: Buffer): Promise<FoundEntry[]> {
  // A folder that is a link now, or a repository of its own, or not readable, holds nothing that a capture would take.
  const stat = await lookAt(worktreeDir, folder);
  if (stat === null || stat === 'denied' || !stat.isDirectory()) return [];
  const entries = await readdir(joinPath(worktreeDir, folder), {
    withFileTypes: true,
    encoding: 'buffer',
  }).catch(() => []);
  if (folder.length > 0 && entries.some((entry) => entry.name.toString('latin1') === '.git')) return [];
  return entries
    .filter((entry) => !entry.isFile() && !entry.isSymbolicLink())
    .map((entry) => ({
      path: folder.length === 0 ? entry.name : Buffer.concat([folder, SLASH, entry.name]),
      entry,
    }));
}

const SLASH = Buffer.from('/');

function isNoGitDir(path: Buffer): boolean {
  return path.toString('latin1') !== '.git';
}

/** A path behind a link, which git refuses to match, is another name for one that is looked at as well. */
async function withoutIgnored(
  index: IndexLocation & { workTree: string },
  paths: readonly Buffer[],
): Promise<Buffer[]> {
  const linkedFolders = new LinkedFolders(index.workTree);
  const reachable: Buffer[] = [];
  for (const path of paths) {
    if (!(await linkedFolders.isBehindLink(path))) reachable.push(path);
  }
  const ignored = new Set((await listIgnored(index, reachable)).map((path) => path.toString('latin1')));
  return reachable.filter((path) => !ignored.has(path.toString('latin1')));
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
