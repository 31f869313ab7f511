import type { WorktreeDescription } from '../worktree/describe-worktree.js';
import { lookAt } from '../worktree/lstat-path.js';
import type { ObjectFormat } from '../values/sha.js';
import { HIDDEN, LINKED, readIndexEntries, SKIPPED, type IndexEntries } from './index-entries.js';
import type { IndexLocation } from './list-changes.js';
import { eachRecord, nulTerminated, runGit } from '../run/run-git.js';

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

/** Reads a whole index, without git where it is of the usual kind. */
export async function surveyIndex(
  index: IndexLocation & { indexFile: string },
  objectFormat: ObjectFormat,
): Promise<IndexSurvey> {
  const entries = await readIndexEntries(index.indexFile, objectFormat === 'sha256' ? 32 : 20);
  return entries === null ? surveyByGit(index) : surveyEntries(entries);
}

/** Pure. */
export function surveyEntries({ bytes, pathStarts, pathEnds, marks }: IndexEntries): IndexSurvey {
  const surveyor = new Surveyor();
  for (let at = 0; at < marks.length; at += 1) {
    surveyor.take(bytes, pathStarts[at]!, pathEnds[at]!, marks[at]!);
  }
  return surveyor.survey;
}

/** For every kind of index, while git lists it: 100,000 entries in memory are about 40 MB. */
export async function surveyByGit(index: IndexLocation): Promise<IndexSurvey> {
  const surveyor = new Surveyor();
  await runGit({
    ...index,
    purpose: `reading the index of ${index.workTree}`,
    args: ['ls-files', '--stage', '-v', '-z'],
    consume: (stdout) =>
      eachRecord(stdout, (bytes, start, end) => {
        const pathStart = bytes.indexOf(TAB, start) + 1;
        surveyor.take(bytes, pathStart, end, marksOf(bytes.toString('latin1', start, start + 4)));
      }),
  });
  return surveyor.survey;
}

/** @param record a tag, in lower case where the entry is `assume-unchanged`, and the beginning of the mode */
function marksOf(record: string): number {
  const tag = record[0]!;
  return (
    (tag >= 'a' ? HIDDEN : 0) |
    (tag.toUpperCase() === 'S' ? SKIPPED : 0) |
    (record.endsWith(' 16') ? LINKED : 0)
  );
}

class Surveyor {
  readonly survey: IndexSurvey = {
    folders: new Set(['']),
    submodules: [],
    assumedUnchanged: [],
    skipped: [],
  };
  private lastFolder = Buffer.alloc(0);

  take(bytes: Buffer, pathStart: number, pathEnd: number, marks: number): void {
    const folderEnd = Math.max(pathStart, bytes.lastIndexOf(SLASH, pathEnd));
    // Paths are sorted: neighbors usually share their folder.
    if (this.lastFolder.compare(bytes, pathStart, folderEnd) !== 0) {
      this.lastFolder = Buffer.from(bytes.subarray(pathStart, folderEnd));
      addFolders(this.survey.folders, bytes.subarray(pathStart, pathEnd));
    }
    if (marks === 0) return;
    const path = Buffer.from(bytes.subarray(pathStart, pathEnd));
    if ((marks & LINKED) !== 0) this.survey.submodules.push(path);
    if ((marks & HIDDEN) !== 0) this.survey.assumedUnchanged.push(path);
    if ((marks & SKIPPED) !== 0) this.survey.skipped.push(path);
  }
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
