import { readFile } from 'node:fs/promises';

const SIGNATURE = 'DIRC';
const HEADER_BYTES = 12;
/** Of an entry, up to its object id: ten numbers of four bytes. */
const STAT_BYTES = 40;
const EXTENDED = 0x4000;
const LINK_EXTENSION = 'link';

/** One entry after another, as they lie in the file, sorted by path. */
interface Entries {
  bytes: Buffer;
  /** Where each begins, and where its path begins and ends. */
  starts: Uint32Array;
  pathStarts: Uint32Array;
  pathEnds: Uint32Array;
}

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
    readEntries(olderFile, shaBytes),
    readEntries(newerFile, shaBytes),
  ]);
  if (older === null || newer === null) return null;
  const changed: string[] = [];
  const gone: string[] = [];
  let at = 0;
  let matched = -1;
  const passOver = (): void => {
    if (matched !== at) gone.push(pathOf(older, at));
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
    if (matched !== at || !isSameFile(older, at, newer, entry)) changed.push(pathOf(newer, entry));
  }
  while (at < older.starts.length) passOver();
  return { changed, gone };
}

function pathOf({ bytes, pathStarts, pathEnds }: Entries, at: number): string {
  return bytes.toString('latin1', pathStarts[at], pathEnds[at]);
}

function comparePaths(one: Entries, at: number, other: Entries, otherAt: number): number {
  return one.bytes.compare(
    other.bytes,
    other.pathStarts[otherAt],
    other.pathEnds[otherAt],
    one.pathStarts[at],
    one.pathEnds[at],
  );
}

/** The time of the last change in seconds and nanoseconds, and device and inode. */
function isSameFile(one: Entries, at: number, other: Entries, otherAt: number): boolean {
  const start = one.starts[at]!;
  const otherStart = other.starts[otherAt]!;
  return (
    one.bytes.compare(other.bytes, otherStart, otherStart + 8, start, start + 8) === 0 &&
    one.bytes.compare(other.bytes, otherStart + 16, otherStart + 24, start + 16, start + 24) === 0
  );
}

/** The format is gitformat-index(5), versions 2 and 3. */
async function readEntries(file: string, shaBytes: number): Promise<Entries | null> {
  const bytes = await readFile(file).catch(() => null);
  if (bytes === null || bytes.length < HEADER_BYTES + shaBytes) return null;
  if (bytes.toString('latin1', 0, 4) !== SIGNATURE || ![2, 3].includes(bytes.readUInt32BE(4))) return null;
  const count = bytes.readUInt32BE(8);
  const entries = {
    bytes,
    starts: new Uint32Array(count),
    pathStarts: new Uint32Array(count),
    pathEnds: new Uint32Array(count),
  };
  let start = HEADER_BYTES;
  for (let entry = 0; entry < count; entry += 1) {
    const flagsAt = start + STAT_BYTES + shaBytes;
    if (flagsAt + 2 > bytes.length) return null;
    const pathStart = flagsAt + ((bytes.readUInt16BE(flagsAt) & EXTENDED) === 0 ? 2 : 4);
    const pathEnd = bytes.indexOf(0, pathStart);
    if (pathEnd === -1) return null;
    entries.starts[entry] = start;
    entries.pathStarts[entry] = pathStart;
    entries.pathEnds[entry] = pathEnd;
    // Filled up with one to eight zeros to a multiple of eight.
    start += (pathEnd - start + 8) & ~7;
  }
  return bytes.toString('latin1', start, start + 4) === LINK_EXTENSION ? null : entries;
}
