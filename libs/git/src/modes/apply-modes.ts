import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { nulSeparated, runGit } from '../run/run-git.js';
import type { Modes } from '../values/modes.js';
import { joinPath } from '../worktree/lstat-path.js';
import { ModeRules, type ModeKind } from './mode-rules.js';

/** Enough to keep Node's four file system threads busy. */
const BATCH = 256;

interface TreeEntry {
  path: Buffer;
  kind: ModeKind;
}

/**
 * Gives the files and folders of a tree their captured modes. Only what the tree holds is touched: whatever
 * else the manifest names is no path of it. The umask has no say.
 *
 * @param dir holds exactly this tree, and nobody else has access to it
 */
export async function applyModes(request: {
  gitDir: string;
  dir: string;
  treeSha: string;
  modes: Modes;
  signal?: AbortSignal | undefined;
}): Promise<void> {
  const { dir, modes } = request;
  const rules = new ModeRules(modes);
  const entries = await listTree(request);
  await setModes(
    entries.filter(({ kind }) => kind !== 'folder'),
    ({ path, kind }) => setMode(joinPath(dir, path), kind, rules.modeOf(path, kind)),
  );
  // Inner ones first: an outer one may be closed to us afterwards.
  const folders = entries.filter(({ kind }) => kind === 'folder').toReversed();
  for (const { path, kind } of folders) await setMode(joinPath(dir, path), kind, rules.modeOf(path, kind));
}

/** Files, and the folders above them, each before what is in it. */
async function listTree(request: {
  gitDir: string;
  treeSha: string;
  signal?: AbortSignal | undefined;
}): Promise<TreeEntry[]> {
  const { gitDir, treeSha, signal } = request;
  const { stdout } = await runGit({
    purpose: `listing the files and folders of ${treeSha}`,
    gitDir,
    args: ['ls-tree', '-r', '-t', '-z', '--full-tree', treeSha],
    signal,
  });
  const entries: TreeEntry[] = [];
  for (const record of nulSeparated(stdout)) {
    const kind = KIND_OF[record.toString('latin1', 0, 6)];
    if (kind !== undefined) entries.push({ path: record.subarray(record.indexOf(TAB) + 1), kind });
  }
  return entries;
}

const TAB = 0x09;

/** Links have no mode of their own, and what lies in a submodule is not ours. */
const KIND_OF: Partial<Record<string, ModeKind>> = {
  '100644': 'file',
  '100755': 'executable',
  '040000': 'folder',
};

async function setModes(
  entries: readonly TreeEntry[],
  set: (entry: TreeEntry) => Promise<void>,
): Promise<void> {
  for (let start = 0; start < entries.length; start += BATCH) {
    await Promise.all(entries.slice(start, start + BATCH).map(set));
  }
}

/**
 * Through a descriptor that is certainly no link and of that kind: whatever takes the path meanwhile is left
 * alone.
 */
export async function setMode(place: Buffer | string, kind: ModeKind, mode: number): Promise<void> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_DIRECTORY } = constants;
  const isFolder = kind === 'folder';
  const file = await open(place, O_RDONLY | O_NOFOLLOW | (isFolder ? O_DIRECTORY : O_NONBLOCK));
  try {
    const found = await file.stat();
    if ((isFolder || found.isFile()) && (found.mode & 0o7777) !== mode) await file.chmod(mode);
  } finally {
    await file.close();
  }
}
