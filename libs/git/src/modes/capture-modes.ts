import type { IndexLocation } from '../staging/list-changes.js';
import { addFolders } from '../staging/survey-index.js';
import { omit, type Omission } from '../values/omission.js';
import type { Modes } from '../values/modes.js';
import { compareIndexes } from './compare-indexes.js';
import { composeModes, type OtherMode } from './compose-modes.js';
import { commonFolderMode, KnownModes, type KeptModes } from './known-modes.js';
import { lookAtAllModes, lookAtFolders, lookAtModes } from './look-at-modes.js';

type Index = IndexLocation & { workTree: string; indexFile: string };

/** What earlier captures left to build upon. */
export interface ModesBefore {
  /** Null: nothing is known, all is looked at. */
  kept: KeptModes | null;
  /** The index that `kept` goes with; null where that is the present one. */
  indexFile: string | null;
  /** Folders of tracked files, in latin1; null: as kept. */
  trackedFolders: ReadonlySet<string> | null;
  /** Of object ids. */
  shaBytes: number;
}

export interface CapturedModes {
  /** Null: all is as a checkout makes it. */
  modes: Modes | null;
  omissions: Omission[];
  kept: KeptModes;
}

/** Paths in latin1. */
export interface ReviewedModes {
  files: KnownModes;
  /** Of the folders of tracked files, all twelve bits. */
  folders: ReadonlyMap<string, number>;
}

/**
 * First half, beside git's own look at the files: what an index knows of them is brought up to date, and all
 * folders are looked at, whose modes git does not know. Git notices changed modes like every change
 * (`core.trustctime`, on by default), so only files that changed are looked at; all of them only the first
 * time.
 */
export async function reviewModes(
  index: Index,
  before: ModesBefore,
  begunAt: number,
): Promise<ReviewedModes> {
  const folders = [...(before.trackedFolders ?? before.kept?.folders ?? [''])];
  const [files, folderModes] = await Promise.all([
    reviewFiles(index, before, folders, begunAt),
    lookAtFolders(index.workTree, folders),
  ]);
  return { files, folders: folderModes };
}

async function reviewFiles(
  index: Index,
  { kept, indexFile, shaBytes }: ModesBefore,
  folders: readonly string[],
  begunAt: number,
): Promise<KnownModes> {
  if (kept === null || kept.young === null) return lookAtAllModes(index, folders, begunAt);
  const difference =
    indexFile === null ? UNCHANGED : await compareIndexes(indexFile, index.indexFile, shaBytes);
  if (difference === null) return lookAtAllModes(index, folders, begunAt);
  const known = KnownModes.of({ ...kept, young: [], folders: [...folders] });
  for (const path of difference.gone) known.forget(path);
  await lookAtModes(index.workTree, new Set([...kept.young, ...difference.changed]), known, begunAt);
  return known;
}

const UNCHANGED = { changed: [], gone: [] };

/** Second half: what git found changed is looked at, and the folders that hold only untracked files. */
export async function captureModes(
  worktreeDir: string,
  { files, folders }: ReviewedModes,
  staged: {
    changed: readonly Buffer[];
    removed: readonly Buffer[];
    untracked: readonly Buffer[];
  },
  begunAt: number,
): Promise<CapturedModes> {
  await lookAtModes(worktreeDir, staged.changed.map(toLatin1), files, begunAt);
  for (const path of staged.removed) files.forget(toLatin1(path));
  const all = new Set(files.folders);
  for (const path of staged.untracked) addFolders(all, path);
  const others = await lookAtFolders(worktreeDir, [...all].slice(files.folders.length));
  return describeModes(files, new Map([...folders, ...others]));
}

/** Pure. */
function describeModes(known: KnownModes, folderModes: ReadonlyMap<string, number>): CapturedModes {
  const folders = commonFolderMode([...folderModes.values()].map(permissions));
  const others: OtherMode[] = [];
  for (const [path, mode] of known.others) {
    const isExecutable = (mode & 0o100) !== 0;
    const { files, executables } = known.defaults;
    const kind = isExecutable ? 'executable' : 'file';
    // A default has no special bits: one that differs only by them has the default permissions.
    if (permissions(mode) !== (isExecutable ? executables : files))
      others.push({ path, kind, mode: permissions(mode) });
  }
  for (const [path, mode] of folderModes) {
    if (permissions(mode) !== folders) others.push({ path, kind: 'folder', mode: permissions(mode) });
  }
  const { modes, narrowedCount } = composeModes({ ...known.defaults, folders }, others);
  const special = [...known.others, ...folderModes].filter(([, mode]) => mode > 0o777);
  const omissions = [
    ...(narrowedCount > 0 ? [omit(TOP, `narrowed-modes: ${narrowedCount} paths`)] : []),
    ...nameSome(
      special.map(([path]) => path),
      'special-mode',
    ),
    ...nameSome(severalNames(known.linked), 'hard-link'),
  ];
  return { modes, omissions, kept: known.keep() };
}

const TOP = Buffer.from('.');

/** Lines of one kind: a shared folder may have the bit on every folder in it. */
const MAX_NAMED = 10;

function nameSome(paths: readonly string[], reason: 'special-mode' | 'hard-link'): Omission[] {
  const named = paths
    .toSorted()
    .slice(0, MAX_NAMED)
    .map((path) => omit(path === '' ? TOP : Buffer.from(path, 'latin1'), reason));
  const more = paths.length - named.length;
  return more > 0 ? [...named, omit(TOP, `${reason}: ${more} more`)] : named;
}

/** Those of the paths that are names of the same file as another of them. */
function severalNames(linked: ReadonlyMap<string, string>): string[] {
  const counts = new Map<string, number>();
  for (const inode of linked.values()) counts.set(inode, (counts.get(inode) ?? 0) + 1);
  return [...linked].filter(([, inode]) => counts.get(inode)! > 1).map(([path]) => path);
}

function permissions(mode: number): number {
  return mode & 0o777;
}

function toLatin1(path: Buffer): string {
  return path.toString('latin1');
}
