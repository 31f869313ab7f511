import { readFile } from 'node:fs/promises';

const SIGNATURE = 'DIRC';
const HEADER_BYTES = 12;
/** Of an entry, up to its object id: ten numbers of four bytes. */
const STAT_BYTES = 40;
const MODE_AT = 24;
const FOLDER = 0o040000;
const GITLINK = 0o160000;
const LINK_EXTENSION = 'link';

const ASSUME_UNCHANGED = 0x8000;
const EXTENDED = 0x4000;
/** In the two bytes that follow the flags of an extended entry. */
const SKIP_WORKTREE = 0x4000;

/** One entry after another, as they lie in the file, sorted by path. */
export interface IndexEntries {
  bytes: Buffer;
  /** Where each begins, and where its path begins and ends. */
  starts: Uint32Array;
  pathStarts: Uint32Array;
  pathEnds: Uint32Array;
  /** Some of `HIDDEN`, `SKIPPED` and `LINKED`. */
  marks: Uint8Array;
}

/** `assume-unchanged`. */
export const HIDDEN = 1;
/** `skip-worktree`. */
export const SKIPPED = 2;
/** A link to a commit of a submodule. */
export const LINKED = 4;

/**
 * Reads an index without git, a process of 30 to 40 ms for 30,000 files. The format is gitformat-index(5),
 * versions 2 and 3.
 *
 * @param shaBytes of object ids
 * @returns null for an index that is missing or of another kind: compressed, in two files, or with whole
 *   folders as entries
 */
export async function readIndexEntries(file: string, shaBytes: number): Promise<IndexEntries | null> {
  const bytes = await readFile(file).catch(() => null);
  if (bytes === null || bytes.length < HEADER_BYTES + shaBytes) return null;
  if (bytes.toString('latin1', 0, 4) !== SIGNATURE || ![2, 3].includes(bytes.readUInt32BE(4))) return null;
  const count = bytes.readUInt32BE(8);
  const entries = {
    bytes,
    starts: new Uint32Array(count),
    pathStarts: new Uint32Array(count),
    pathEnds: new Uint32Array(count),
    marks: new Uint8Array(count),
  };
  let start = HEADER_BYTES;
  for (let entry = 0; entry < count; entry += 1) {
    const flagsAt = start + STAT_BYTES + shaBytes;
    if (flagsAt + 4 > bytes.length) return null;
    const mode = bytes.readUInt32BE(start + MODE_AT);
    if (mode === FOLDER) return null;
    const flags = bytes.readUInt16BE(flagsAt);
    const isExtended = (flags & EXTENDED) !== 0;
    const pathStart = flagsAt + (isExtended ? 4 : 2);
    const pathEnd = bytes.indexOf(0, pathStart);
    if (pathEnd === -1) return null;
    entries.starts[entry] = start;
    entries.pathStarts[entry] = pathStart;
    entries.pathEnds[entry] = pathEnd;
    entries.marks[entry] =
      ((flags & ASSUME_UNCHANGED) === 0 ? 0 : HIDDEN) |
      (isExtended && (bytes.readUInt16BE(flagsAt + 2) & SKIP_WORKTREE) !== 0 ? SKIPPED : 0) |
      (mode === GITLINK ? LINKED : 0);
    // Filled up with one to eight zeros to a multiple of eight.
    start += (pathEnd - start + 8) & ~7;
  }
  return bytes.toString('latin1', start, start + 4) === LINK_EXTENSION ? null : entries;
}

/** In latin1. */
export function pathAt({ bytes, pathStarts, pathEnds }: IndexEntries, at: number): string {
  return bytes.toString('latin1', pathStarts[at], pathEnds[at]);
}
