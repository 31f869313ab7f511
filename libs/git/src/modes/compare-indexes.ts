import { pathAt, readIndexEntries, type IndexEntries } from '../staging/index-entries.js';

/** Paths in latin1. */
export interface IndexDifference {
  /** New in the newer index, or with another inode or another time of its last change. */
  changed: string[];
  /** In the older one only. */
  gone: string[];
}

/**
 * Compares what two indexes of the same worktree know of its files: with 30,000 of them it takes a tenth of
 * the time that a look at each would. A change of its mode alone gives a file another time of change.
 *
 * @returns null when one of them cannot be compared like that (missing, split in two, or of another format)
 */
export async function compareIndexes(
  olderFile: string,
  newerFile: string,
  shaBytes: number,
): Promise<IndexDifference | null> {
  const [older, newer] = await Promise.all([
    readIndexEntries(olderFile, shaBytes),
    readIndexEntries(newerFile, shaBytes),
  ]);
  if (older === null || newer === null) return null;
  const changed: string[] = [];
  const gone: string[] = [];
  let at = 0;
  let matched = -1;
  const passOver = (): void => {
    if (matched !== at) gone.push(pathAt(older, at));
    at += 1;
  };
  for (let entry = 0; entry < newer.starts.length; entry += 1) {
    let order = -1;
    while (at < older.starts.length) {
      order = comparePaths(older, at, newer, entry);
      if (order >= 0) break;
      passOver();
    }
    if (at < older.starts.length && order === 0) matched = at;
    if (matched !== at || !isSameFile(older, at, newer, entry)) changed.push(pathAt(newer, entry));
  }
  while (at < older.starts.length) passOver();
  return { changed, gone };
}

function comparePaths(one: IndexEntries, at: number, other: IndexEntries, otherAt: number): number {
  return one.bytes.compare(
    other.bytes,
    other.pathStarts[otherAt],
    other.pathEnds[otherAt],
    one.pathStarts[at],
    one.pathEnds[at],
  );
}

/** The time of the last change in seconds and nanoseconds, and device and inode. */
function isSameFile(one: IndexEntries, at: number, other: IndexEntries, otherAt: number): boolean {
  const start = one.starts[at]!;
  const otherStart = other.starts[otherAt]!;
  return (
    one.bytes.compare(other.bytes, otherStart, otherStart + 8, start, start + 8) === 0 &&
    one.bytes.compare(other.bytes, otherStart + 16, otherStart + 24, start + 16, start + 24) === 0
  );
}
