import { dependencyFolderOf } from './dependency-folders.js';

export interface Candidate {
  /** In latin1, so that every byte survives. */
  path: string;
  sizeBytes: number;
}

/** Files that were left out together, as one line. */
export interface Withdrawal {
  /** Of the file, or of the folder that they all lie in. */
  path: string;
  /** Null for a single file by its own name. */
  filesCount: number | null;
  sizeBytes: number;
  why: 'dependencies' | 'budget';
}

export interface Selection {
  withdrawn: ReadonlySet<string>;
  lines: Withdrawal[];
}

/**
 * Chooses which untracked files stay out so that the rest is within a sum. Pure, and the same for the same
 * files in any order.
 *
 * Dependency folders go first, the largest first, each as a whole: half of one is of no use. Then single
 * files, the largest first, so that no small file is lost to a larger one. Folders of which nothing is left
 * are named as one.
 */
export function selectUntracked(candidates: readonly Candidate[], totalLimitBytes: number): Selection {
  let totalBytes = candidates.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (totalBytes <= totalLimitBytes) return { withdrawn: new Set(), lines: [] };
  const withdrawn = new Set<string>();
  const lines: Withdrawal[] = [];
  for (const [folder, files] of dependencies(candidates)) {
    if (totalBytes <= totalLimitBytes) break;
    const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
    for (const { path } of files) withdrawn.add(path);
    lines.push({ path: folder, filesCount: files.length, sizeBytes, why: 'dependencies' });
    totalBytes -= sizeBytes;
  }
  const single: Candidate[] = [];
  for (const file of candidates.filter(({ path }) => !withdrawn.has(path)).sort(largestFirst)) {
    if (totalBytes <= totalLimitBytes) break;
    withdrawn.add(file.path);
    single.push(file);
    totalBytes -= file.sizeBytes;
  }
  const kept = candidates.filter(({ path }) => !withdrawn.has(path));
  return { withdrawn, lines: [...lines, ...asFolders(single, kept)] };
}

function dependencies(candidates: readonly Candidate[]): [string, Candidate[]][] {
  const folders = new Map<string, Candidate[]>();
  for (const file of candidates) {
    const folder = dependencyFolderOf(file.path);
    if (folder === null) continue;
    const files = folders.get(folder);
    if (files === undefined) folders.set(folder, [file]);
    else files.push(file);
  }
  const sizeOf = (files: readonly Candidate[]): number =>
    files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return [...folders].sort(([a, one], [b, other]) => sizeOf(other) - sizeOf(one) || (a < b ? -1 : 1));
}

/** Of one size, the first by name are kept. */
function largestFirst(one: Candidate, other: Candidate): number {
  return other.sizeBytes - one.sizeBytes || (one.path < other.path ? 1 : -1);
}

/**
 * Several files as the outermost folder that holds no untracked file which was kept; the top folder is no
 * name. A file that is alone in it keeps its own: what is tracked may lie in that folder too.
 */
function asFolders(files: readonly Candidate[], kept: readonly Candidate[]): Withdrawal[] {
  const inUse = new Set(kept.flatMap(({ path }) => foldersOf(path)));
  const groups = new Map<string, Withdrawal>();
  for (const { path, sizeBytes } of files) {
    const folder = foldersOf(path).find((each) => !inUse.has(each)) ?? path;
    const group = groups.get(folder);
    if (group === undefined) {
      groups.set(folder, { path, filesCount: null, sizeBytes, why: 'budget' });
    } else {
      group.path = folder;
      group.filesCount = (group.filesCount ?? 1) + 1;
      group.sizeBytes += sizeBytes;
    }
  }
  return [...groups.values()].sort(largestFirst);
}

/** Outermost first. */
function foldersOf(path: string): string[] {
  const folders: string[] = [];
  for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
    folders.push(path.slice(0, slash));
  }
  return folders;
}
