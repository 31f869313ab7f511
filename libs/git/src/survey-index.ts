import type { WorktreeDescription } from './describe-worktree.js';
import { lstatPath } from './lstat-path.js';
import type { IndexLocation } from './list-changes.js';
import { nulSeparated, nulTerminated, runGit } from './run-git.js';

const GITLINK = '160000';
const TAB = 0x09;

export interface IndexSurvey {
  /** Every folder that holds a tracked file, in latin1; the top one is ''. */
  folders: Set<string>;
  /** Links to commits of submodules. */
  submodules: Buffer[];
  /** `assume-unchanged`: git takes the file for unchanged without looking. */
  assumedUnchanged: Buffer[];
  /** `skip-worktree`: git takes the file for unchanged, or it lies outside of a sparse checkout. */
  skipped: Buffer[];
}

/** Reads through a whole index once: 30,000 entries take some 20 ms. */
export async function surveyIndex(index: IndexLocation): Promise<IndexSurvey> {
  const { stdout } = await runGit({
    ...index,
    purpose: `reading the index of ${index.workTree}`,
    args: ['ls-files', '--stage', '-v', '-z'],
  });
  const survey: IndexSurvey = { folders: new Set(['']), submodules: [], assumedUnchanged: [], skipped: [] };
  for (const record of nulSeparated(stdout)) {
    const tab = record.indexOf(TAB);
    const [tag, mode] = record.toString('latin1', 0, tab).split(' ') as [string, string];
    const path = record.subarray(tab + 1);
    addFolders(survey.folders, path);
    if (mode === GITLINK) survey.submodules.push(path);
    if (tag !== tag.toUpperCase()) survey.assumedUnchanged.push(path);
    if (tag.toUpperCase() === 'S') survey.skipped.push(path);
  }
  return survey;
}

/** Adds every folder on the way to a path. */
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
 * Makes git look at the files that the survey found hidden. `assume-unchanged` is cleared; `skip-worktree` only where there is a file to
 * look at: where there is none it is a sparse checkout, and not there is not deleted.
 */
export async function clearHidingFlags(
  worktree: WorktreeDescription,
  index: IndexLocation,
  survey: IndexSurvey,
): Promise<void> {
  const present: Buffer[] = [];
  for (const path of survey.skipped) {
    if ((await lstatPath(worktree.worktreeDir, path)) !== null) present.push(path);
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
