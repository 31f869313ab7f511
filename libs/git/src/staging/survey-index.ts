import type { WorktreeDescription } from '../worktree/describe-worktree.js';
import { lookAt } from '../worktree/lstat-path.js';
import type { IndexLocation } from './list-changes.js';
import { eachRecord, nulTerminated, runGit } from '../run/run-git.js';

/** The beginning of the mode 160000. */
const GITLINK = Buffer.from('16');
/** The tag of an ordinary entry. */
const CACHED = 'H'.charCodeAt(0);
const LOWER_CASE = 'a'.charCodeAt(0);
const TAB = 0x09;
const SLASH = 0x2f;

export interface IndexSurvey {
  /** Every folder with a tracked file, in latin1; the top one is ''. */
  folders: Set<string>;
  /** Links to commits of submodules. */
  submodules: Buffer[];
  /** `assume-unchanged`: git considers the file unchanged without checking. */
  assumedUnchanged: Buffer[];
  /** `skip-worktree`: git considers the file unchanged, or it is outside of a sparse checkout. */
  skipped: Buffer[];
}

/** Reads a whole index once, while git lists it: 100,000 entries in memory are about 40 MB. */
export async function surveyIndex(index: IndexLocation): Promise<IndexSurvey> {
  const survey: IndexSurvey = { folders: new Set(['']), submodules: [], assumedUnchanged: [], skipped: [] };
  let lastFolder = Buffer.alloc(0);
  const take = (bytes: Buffer, start: number, end: number): void => {
    const pathStart = bytes.indexOf(TAB, start) + 1;
    const folderEnd = Math.max(pathStart, bytes.lastIndexOf(SLASH, end));
    // Paths are sorted: neighbors usually share their folder.
    if (lastFolder.compare(bytes, pathStart, folderEnd) !== 0) {
      lastFolder = Buffer.from(bytes.subarray(pathStart, folderEnd));
      addFolders(survey.folders, bytes.subarray(pathStart, end));
    }
    const isLink = bytes[start + 2] === GITLINK[0] && bytes[start + 3] === GITLINK[1];
    const tag = bytes[start]!;
    if (tag === CACHED && !isLink) return;
    const path = Buffer.from(bytes.subarray(pathStart, end));
    if (isLink) survey.submodules.push(path);
    if (tag >= LOWER_CASE) survey.assumedUnchanged.push(path);
    if (String.fromCharCode(tag).toUpperCase() === 'S') survey.skipped.push(path);
  };
  await runGit({
    ...index,
    purpose: `reading the index of ${index.workTree}`,
    args: ['ls-files', '--stage', '-v', '-z'],
    consume: (stdout) => eachRecord(stdout, take),
  });
  return survey;
}

/** Adds every folder in a path. */
export function addFolders(folders: Set<string>, path: Buffer): void {
  let folder = path.toString('latin1');
  for (;;) {
    const slash = folder.lastIndexOf('/');
    if (slash === -1) return;
    folder = folder.slice(0, slash);
    if (folders.has(folder)) return;
    folders.add(folder);
  }
}

/**
 * Makes git check the files that the survey found hidden. `assume-unchanged` is cleared; `skip-worktree` only
 * if there is a file: otherwise it is a sparse checkout, and the missing file was not deleted.
 */
export async function clearHidingFlags(
  worktree: WorktreeDescription,
  index: IndexLocation,
  survey: IndexSurvey,
): Promise<void> {
  const present: Buffer[] = [];
  for (const path of survey.skipped) {
    if ((await lookAt(worktree.worktreeDir, path)) !== null) present.push(path);
  }
  await clearFlag(index, '--no-assume-unchanged', survey.assumedUnchanged);
  await clearFlag(index, '--no-skip-worktree', present);
}

async function clearFlag(index: IndexLocation, option: string, paths: readonly Buffer[]): Promise<void> {
  if (paths.length === 0) return;
  await runGit({
    ...index,
    purpose: `clearing flags in the index of ${index.workTree}`,
    args: ['update-index', option, '-z', '--stdin'],
    input: nulTerminated(paths),
  });
}
