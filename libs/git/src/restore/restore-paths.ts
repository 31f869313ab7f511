import { createHash } from 'node:crypto';
import { mkdir, readFile, readlink, rm, rmdir } from 'node:fs/promises';
import { GitError } from '../run/git-error.js';
import { joinPath, lstatPath } from '../worktree/lstat-path.js';
import { setMode } from '../modes/apply-modes.js';
import { ModeRules } from '../modes/mode-rules.js';
import type { Modes } from '../values/modes.js';
import { isUnsafePath } from '../values/path-safety.js';
import { placeFile, removeUnplaced, type FileMode } from './place-file.js';
import { withProvenTree, type ProofRequest } from './prove-tree.js';
import { nulSeparated, runGit } from '../run/run-git.js';
import { objectFormatOf } from '../values/sha.js';

export interface RestoredPaths {
  /** Bytes that are not UTF-8 are shown as U+FFFD, here and below. */
  written: string[];
  /** Already there, byte for byte. */
  unchanged: string[];
}

interface Entry {
  mode: string;
  sha: string;
  path: Buffer;
}

/**
 * Writes single files, or all below a folder, of a captured state into a folder: the bytes that were
 * captured, each proven by its hash. All of them or none. Nothing is ever written over: what is there already
 * must be the same. Links to commits of submodules have no bytes and are left out.
 *
 * Each file gets its name when it is whole, so that a kill or a full disk never leaves one that is cut off.
 * May run again: what a killed run left is removed, and what it finished counts as there already.
 *
 * @param request.modes as captured, for files and folders that are made; null or absent: as the umask makes
 *   them
 * @param request.paths relative to the top of the worktree; a folder stands for all in it
 * @param request.worktreeDir where they are written; made when missing
 * @throws GitError as {@link withProvenTree}; `PATH_NOT_FOUND`, `PATH_IN_THE_WAY`, `UNSAFE_PATH`,
 *   `CANNOT_WRITE`
 */
export async function restorePaths(
  request: ProofRequest & { paths: readonly string[]; modes?: Modes | null },
): Promise<RestoredPaths> {
  return withProvenTree(request, async ({ shadow }) => {
    const entries = chooseEntries(await listEntries(shadow.gitDir, request), request.paths);
    const dir = request.worktreeDir;
    const states = await Promise.all(entries.map((entry) => compare(dir, entry, request.treeSha)));
    refuse(
      dir,
      entries.filter((_, i) => states[i] === 'other'),
    );
    await removeUnplaced(entries.map((entry) => joinPath(dir, entry.path)));
    const missing = entries.filter((_, i) => states[i] === 'absent');
    const rules = request.modes ? new ModeRules(request.modes) : null;
    await writeAll({ gitDir: shadow.gitDir, dir, rules, signal: request.signal }, missing);
    return {
      written: missing.map(shown),
      unchanged: entries.filter((_, i) => states[i] === 'same').map(shown),
    };
  });
}

async function listEntries(gitDir: string, { treeSha, signal }: ProofRequest): Promise<Entry[]> {
  const { stdout } = await runGit({
    purpose: `listing the files of ${treeSha}`,
    gitDir,
    args: ['ls-tree', '-r', '-z', '--full-tree', treeSha],
    signal,
  });
  return nulSeparated(stdout).map((record) => {
    const tab = record.indexOf('\t');
    const [mode, , sha] = record.subarray(0, tab).toString('latin1').split(' ');
    return { mode: mode!, sha: sha!, path: record.subarray(tab + 1) };
  });
}

function chooseEntries(entries: readonly Entry[], paths: readonly string[]): Entry[] {
  const chosen = new Set<Entry>();
  for (const path of paths) {
    const wanted = Buffer.from(path.replace(/^(?:\.\/+)+/, '').replace(/\/+$/, ''));
    const below = Buffer.concat([wanted, Buffer.from('/')]);
    const found = entries.filter(
      (entry) =>
        entry.mode !== '160000' &&
        (entry.path.equals(wanted) || entry.path.subarray(0, below.length).equals(below)),
    );
    if (found.length === 0) {
      throw new GitError('PATH_NOT_FOUND', `The checkpoint holds no file ${JSON.stringify(path)}.`, {
        nextStep: 'Give a path from the top of the worktree.',
      });
    }
    for (const entry of found) chosen.add(entry);
  }
  const unsafe = [...chosen].find(({ path, mode }) => isUnsafePath(path, mode === '120000'));
  if (unsafe === undefined) return [...chosen];
  throw new GitError('UNSAFE_PATH', `The checkpoint would write to ${JSON.stringify(shown(unsafe))}.`, {
    nextStep: 'Do not trust where this checkpoint came from.',
  });
}

/** Never looks through a link: a folder on the way that is none is in the way. */
async function compare(dir: string, entry: Entry, treeSha: string): Promise<'absent' | 'same' | 'other'> {
  for (let end = entry.path.indexOf('/'); end !== -1; end = entry.path.indexOf('/', end + 1)) {
    const parent = await lstatPath(dir, entry.path.subarray(0, end));
    if (parent === null) return 'absent';
    if (!parent.isDirectory()) return 'other';
  }
  const found = await lstatPath(dir, entry.path);
  if (found === null) return 'absent';
  const place = joinPath(dir, entry.path);
  if (entry.mode === '120000') {
    if (!found.isSymbolicLink()) return 'other';
    return blobSha(await readlink(place, { encoding: 'buffer' }), treeSha) === entry.sha ? 'same' : 'other';
  }
  if (!found.isFile()) return 'other';
  const isExecutable = (found.mode & 0o100n) !== 0n;
  if (isExecutable !== (entry.mode === '100755')) return 'other';
  return blobSha(await readFile(place), treeSha) === entry.sha ? 'same' : 'other';
}

function refuse(dir: string, inTheWay: readonly Entry[]): void {
  if (inTheWay.length === 0) return;
  const named = inTheWay.slice(0, 10).map(shown).join(', ');
  const rest = inTheWay.length > 10 ? ` and ${inTheWay.length - 10} more` : '';
  throw new GitError('PATH_IN_THE_WAY', `In ${dir}, something else is in the place of ${named}${rest}.`, {
    nextStep: 'Choose another folder, or move it away; nothing was written.',
  });
}

interface Target {
  gitDir: string;
  dir: string;
  rules: ModeRules | null;
  signal: AbortSignal | undefined;
}

async function writeAll(target: Target, entries: readonly Entry[]): Promise<void> {
  const written: Buffer[] = [];
  const madeFolders: Buffer[] = [];
  try {
    for (const entry of entries) {
      const place = joinPath(target.dir, entry.path);
      const data = await readBlob(target.gitDir, entry, target.signal);
      await writeOne(target, entry, data, madeFolders);
      written.push(place);
    }
    await setFolderModes(target, madeFolders);
  } catch (error) {
    for (const folder of madeFolders) await setMode(folder, 'folder', 0o700).catch(() => {});
    for (const place of written) await rm(place, { force: true });
    // One that somebody has put something into in the meantime stays.
    for (const folder of madeFolders.toReversed()) await rmdir(folder).catch(() => {});
    throw error;
  }
}

async function writeOne(target: Target, entry: Entry, data: Buffer, madeFolders: Buffer[]): Promise<void> {
  const { dir, rules } = target;
  const place = joinPath(dir, entry.path);
  try {
    await makeFolders(target, place.subarray(0, place.lastIndexOf('/')), madeFolders);
    if ((await compare(dir, entry, entry.sha)) !== 'absent') refuse(dir, [entry]); // since a moment ago
    await placeFile(place, data, modeOf(entry, rules));
  } catch (cause) {
    if (cause instanceof GitError) throw cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST') refuse(dir, [entry]);
    throw new GitError('CANNOT_WRITE', `${shown(entry)} cannot be written into ${dir}: ${message}.`, {
      nextStep: 'Make room, or name another folder, and try again; nothing was left there.',
      cause,
    });
  }
}

function modeOf({ mode, path }: Entry, rules: ModeRules | null): FileMode | undefined {
  if (mode === '120000') return undefined;
  const isExecutable = mode === '100755';
  if (rules !== null) return { exact: rules.modeOf(path, isExecutable ? 'executable' : 'file') };
  return { beforeUmask: isExecutable ? 0o777 : 0o666 };
}

/**
 * Closed to others until all in it has its mode, where that is known.
 *
 * @param made gets the folders that were not there, the outer ones first
 */
async function makeFolders(target: Target, folder: Buffer, made: Buffer[]): Promise<void> {
  try {
    await mkdir(folder, capturedModeOf(target, folder) === null ? 0o777 : 0o700);
    made.push(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT') throw error;
    await makeFolders(target, folder.subarray(0, folder.lastIndexOf('/')), made);
    await makeFolders(target, folder, made);
  }
}

/** Inner ones first: an outer one may be closed to us afterwards. */
async function setFolderModes(target: Target, folders: readonly Buffer[]): Promise<void> {
  for (const folder of folders.toReversed()) {
    const mode = capturedModeOf(target, folder);
    if (mode !== null) await setMode(folder, 'folder', mode);
  }
}

/** Null where none is known, and for the folder that was asked for, which is the asker's. */
function capturedModeOf({ dir, rules }: Target, folder: Buffer): number | null {
  const path = folder.subarray(Buffer.byteLength(dir) + 1);
  return rules === null || path.length === 0 ? null : rules.modeOf(path, 'folder');
}

async function readBlob(gitDir: string, entry: Entry, signal?: AbortSignal): Promise<Buffer> {
  const { stdout } = await runGit({
    purpose: `reading ${shown(entry)}`,
    gitDir,
    args: ['cat-file', 'blob', entry.sha],
    signal,
  });
  if (blobSha(stdout, entry.sha) === entry.sha) return stdout;
  throw new GitError('TREE_MISMATCH', `${shown(entry)} is not what was captured.`, {
    nextStep: 'Restore an older checkpoint; this one cannot be brought back exactly.',
  });
}

/** @param like an id of the repository's own length, SHA-1 or SHA-256 */
function blobSha(data: Buffer, like: string): string {
  return createHash(objectFormatOf(like)).update(`blob ${data.length}\0`).update(data).digest('hex');
}

function shown({ path }: Entry): string {
  return path.toString('utf8');
}
