import type { Stats } from 'node:fs';
import { CHECKED_OUT, type Modes } from '../values/modes.js';

/** Git compares times in seconds; the clock of a file system lags behind by some milliseconds. */
const YOUNG_MS = 1100;
/** More are looked at like all others. */
const MAX_YOUNG = 1000;

/** What is kept between captures; paths in latin1. */
export interface KeptModes {
  files: number;
  executables: number;
  others: [path: string, mode: number][];
  linked: [path: string, inode: string][];
  young: string[] | null;
  folders: string[];
}

/** The modes of the files in a shadow's index, as last looked at. Paths are in latin1. */
export class KnownModes {
  /** Of files whose twelve bits are not the default of their kind. */
  readonly others: Map<string, number>;
  /** Device and inode of files that have more than one name. */
  readonly linked: Map<string, string>;
  /**
   * Changed so shortly before they were looked at that git would not notice another change within the same
   * second. Null for more than can be listed.
   */
  young: Set<string> | null;

  private constructor(
    readonly defaults: Pick<Modes, 'files' | 'executables'>,
    /** Those that hold tracked files. */
    readonly folders: readonly string[],
    { others, linked, young }: Pick<KeptModes, 'others' | 'linked' | 'young'>,
  ) {
    this.others = new Map(others);
    this.linked = new Map(linked);
    this.young = young && new Set(young);
  }

  static of({ files, executables, folders, ...kept }: KeptModes): KnownModes {
    return new KnownModes({ files, executables }, folders, kept);
  }

  /** @param modes of all files, by path */
  static fromAll(modes: ReadonlyMap<string, number>, folders: readonly string[]): KnownModes {
    const counts = countModes([...modes.values()].map((mode) => mode & 0o777));
    const isExecutable = (mode: number): boolean => (mode & 0o100) !== 0;
    const executables = mostCommon(counts, isExecutable, CHECKED_OUT.executables);
    const files = mostCommon(counts, (mode) => !isExecutable(mode), CHECKED_OUT.files);
    const known = new KnownModes({ files, executables }, folders, { others: [], linked: [], young: [] });
    for (const [path, mode] of modes) known.noteMode(path, mode);
    return known;
  }

  /** @param begunAt of this capture, in milliseconds since 1970 */
  note(path: string, found: Stats, begunAt: number): void {
    this.noteMode(path, found.mode & 0o7777);
    if (found.nlink > 1) this.linked.set(path, `${found.dev}:${found.ino}`);
    else this.linked.delete(path);
    if (found.ctimeMs >= begunAt - YOUNG_MS) this.young?.add(path);
    if (this.young !== null && this.young.size > MAX_YOUNG) this.young = null;
  }

  forget(path: string): void {
    this.others.delete(path);
    this.linked.delete(path);
  }

  keep(): KeptModes {
    const { defaults, others, linked, young, folders } = this;
    return {
      ...defaults,
      others: [...others],
      linked: [...linked],
      young: young && [...young],
      folders: [...folders],
    };
  }

  private noteMode(path: string, mode: number): void {
    const { files, executables } = this.defaults;
    if (mode === ((mode & 0o100) === 0 ? files : executables)) this.others.delete(path);
    else this.others.set(path, mode);
  }
}

function countModes(modes: Iterable<number>): Map<number, number> {
  const counts = new Map<number, number>();
  for (const mode of modes) counts.set(mode, (counts.get(mode) ?? 0) + 1);
  return counts;
}

/** The usual one wins where no other is more common. */
function mostCommon(
  counts: ReadonlyMap<number, number>,
  among: (mode: number) => boolean,
  usual: number,
): number {
  let best = usual;
  for (const [mode, count] of counts) {
    if (among(mode) && count > (counts.get(best) ?? 0)) best = mode;
  }
  return best;
}

/** The most common mode of folders, by which the manifest is shortest. */
export function commonFolderMode(modes: Iterable<number>): number {
  return mostCommon(countModes(modes), () => true, CHECKED_OUT.folders);
}
