import type { Modes } from '../values/modes.js';

export type ModeKind = 'file' | 'executable' | 'folder';

/** Answers which mode a path of the captured tree has. */
export class ModeRules {
  private readonly paths = new Map<string, number>();

  constructor(private readonly modes: Modes) {
    for (const { mode, paths } of modes.exceptions) {
      // The same name twice: whoever is right, it is not more readable than either says.
      for (const path of paths) this.paths.set(path, (this.paths.get(path) ?? 0o777) & mode);
    }
  }

  /**
   * Pure. Whether its owner may execute a file is what the tree says, whatever the manifest does: else the
   * restored tree would be another one.
   *
   * @param path as bytes, relative to the worktree; empty for the worktree itself
   */
  modeOf(path: Buffer, kind: ModeKind): number {
    const name = path.length === 0 ? '.' : path.toString('utf8');
    if (kind === 'folder') return this.paths.get(name) ?? this.modes.folders & 0o777;
    const mode = this.paths.get(name) ?? this.ofFolder(name) ?? this.byDefault(kind);
    return kind === 'executable' ? mode | 0o100 : mode & ~0o100;
  }

  /** What the nearest folder says of the files below it. */
  private ofFolder(name: string): number | undefined {
    for (let end = name.lastIndexOf('/'); end > 0; end = name.lastIndexOf('/', end - 1)) {
      const mode = this.paths.get(name.slice(0, end + 1));
      if (mode !== undefined) return mode;
    }
    return undefined;
  }

  private byDefault(kind: 'file' | 'executable'): number {
    return (kind === 'executable' ? this.modes.executables : this.modes.files) & 0o777;
  }
}
