import {
  CHECKED_OUT,
  MAX_EXCEPTIONS_BYTES,
  MAX_MODE_PATH_LENGTH,
  type ModeException,
  type Modes,
} from '../values/modes.js';
import type { ModeKind } from './mode-rules.js';

/** A path whose mode is not the default of its kind; only the nine permission bits. */
export interface OtherMode {
  /** In latin1; '' for the worktree itself. */
  path: string;
  kind: ModeKind;
  mode: number;
}

export interface ComposedModes {
  /** Null: all is as a checkout makes it. */
  modes: Modes | null;
  /** Paths for which there was no room. They have a narrower mode than they had, or the same. */
  narrowedCount: number;
}

type Defaults = Omit<Modes, 'exceptions'>;

const DEFAULT_OF = { file: 'files', executable: 'executables', folder: 'folders' } as const;

/**
 * Writes the manifest. Where the exceptions are too many, whole folders stand for the files in them, those of
 * which most can be said together first, with the narrowest of their modes; and what still has no room
 * narrows the default of all that is not named. Nothing becomes wider than it was. Pure.
 */
export function composeModes(
  defaults: Defaults,
  others: readonly OtherMode[],
  maxBytes = MAX_EXCEPTIONS_BYTES,
): ComposedModes {
  const named = new Exceptions();
  for (const { path, mode } of others) named.add(nameOf(path), mode);
  if (named.sizeBytes <= maxBytes) return { modes: manifestOf(defaults, named), narrowedCount: 0 };
  return composeNarrowed(defaults, others, maxBytes);
}

function composeNarrowed(defaults: Defaults, others: readonly OtherMode[], maxBytes: number): ComposedModes {
  const groups = [...groupByFolder(others).values()].sort((one, other) => other.length - one.length);
  let sizeBytes = 0;
  const fitting = groups.filter((group) => {
    const bytes = sizeOf(nameOfGroup(group)) + GROUP_BYTES;
    const fits = sizeBytes + bytes <= maxBytes;
    if (fits) sizeBytes += bytes;
    return fits;
  });
  const isFitting = new Set(fitting);
  const rest = groups.filter((group) => !isFitting.has(group)).flat();
  const narrowed = { ...defaults };
  for (const { kind, mode } of rest) narrowed[DEFAULT_OF[kind]] &= mode;
  const named = new Exceptions();
  for (const group of fitting) {
    // What is said of a folder also holds for those below it that have no room themselves.
    const most = isOnePath(group) ? 0o777 : narrowed.files & narrowed.executables;
    named.add(
      nameOfGroup(group),
      group.reduce((all, { mode }) => all & mode, most),
    );
  }
  const inFolders = fitting.filter((group) => !isOnePath(group)).flat();
  return { modes: manifestOf(narrowed, named), narrowedCount: inFolders.length + rest.length };
}

function isOnePath([{ path, kind }]: readonly [OtherMode, ...OtherMode[]]): boolean {
  return kind === 'folder' || !path.includes('/');
}

function nameOfGroup(group: readonly [OtherMode, ...OtherMode[]]): string {
  const [{ path }] = group;
  return nameOf(isOnePath(group) ? path : path.slice(0, path.lastIndexOf('/') + 1));
}

/** Files by the folder that they lie in; folders, and files at the top, each alone. */
function groupByFolder(others: readonly OtherMode[]): Map<string, [OtherMode, ...OtherMode[]]> {
  const groups = new Map<string, [OtherMode, ...OtherMode[]]>();
  for (const other of others) {
    const key = isOnePath([other]) ? `${other.path}\0` : other.path.slice(0, other.path.lastIndexOf('/'));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [other]);
    else group.push(other);
  }
  return groups;
}

function manifestOf(defaults: Defaults, named: Exceptions): Modes | null {
  const exceptions = named.list();
  const { files, executables, folders } = defaults;
  const isCheckout =
    files === CHECKED_OUT.files && executables === CHECKED_OUT.executables && folders === CHECKED_OUT.folders;
  return isCheckout && exceptions.length === 0 ? null : { files, executables, folders, exceptions };
}

function nameOf(path: string): string {
  return path === '' ? '.' : Buffer.from(path, 'latin1').toString('utf8');
}

const GROUP_BYTES = '{"mode":511,"paths":[]},'.length;

/** As JSON, in a list. */
function sizeOf(name: string): number {
  return name.length > MAX_MODE_PATH_LENGTH ? Infinity : Buffer.byteLength(JSON.stringify(name)) + 1;
}

/** Paths by their mode, and how long they are as JSON. */
class Exceptions {
  sizeBytes = 0;
  private readonly byMode = new Map<number, string[]>();

  add(path: string, mode: number): void {
    const paths = this.byMode.get(mode);
    this.sizeBytes += sizeOf(path) + (paths === undefined ? GROUP_BYTES : 0);
    if (paths === undefined) this.byMode.set(mode, [path]);
    else paths.push(path);
  }

  /** Sorted: the same modes are always the same manifest. */
  list(): ModeException[] {
    return [...this.byMode]
      .sort(([one], [other]) => one - other)
      .map(([mode, paths]) => ({ mode, paths: paths.sort() }));
  }
}
