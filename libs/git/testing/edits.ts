import { chmodSync, lstatSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { incompressible } from './incompressible.js';
import { git } from './repositories.js';

/** An edit by a person or an agent in a worktree. */
export type Edit =
  | { kind: 'write'; path: string; content: Uint8Array; executable: boolean }
  | { kind: 'link'; path: string; target: string }
  | { kind: 'remove'; path: string }
  | { kind: 'rename'; from: string; to: string }
  | { kind: 'toggle-executable'; path: string }
  | { kind: 'mode'; path: string; mode: number }
  | { kind: 'dependencies'; folder: string; filesCount: number; sizeBytes: number }
  | { kind: 'ignore'; pattern: string }
  | { kind: 'git'; args: string[] }
  /** What the agent of a task does with `sh`. */
  | { kind: 'deed'; script: string }
  | { kind: 'capture' };

/**
 * Performs an edit; one that is impossible in the current state does nothing.
 *
 * @param mark written into every new file, so that no edit happens to recreate a base file under git's
 *   conversions, which would be no change
 */
export function applyEdit(
  dir: string,
  edit: Exclude<Edit, { kind: 'capture' | 'deed' }>,
  mark: string,
): void {
  try {
    switch (edit.kind) {
      case 'write':
        clearTheWay(dir, edit.path);
        writeFileSync(join(dir, edit.path), Buffer.concat([Buffer.from(mark), edit.content]));
        chmodSync(join(dir, edit.path), edit.executable ? 0o755 : 0o644);
        return;
      case 'link':
        clearTheWay(dir, edit.path);
        return symlinkSync(edit.target, join(dir, edit.path));
      case 'remove':
        return rmSync(join(dir, edit.path), { recursive: true });
      case 'rename':
        lstatSync(join(dir, edit.from));
        if (edit.to.startsWith(`${edit.from}/`) || edit.from.startsWith(`${edit.to}/`)) return;
        clearTheWay(dir, edit.to);
        return renameSync(join(dir, edit.from), join(dir, edit.to));
      case 'toggle-executable': {
        const stat = lstatSync(join(dir, edit.path));
        if (stat.isFile()) chmodSync(join(dir, edit.path), stat.mode & 0o100 ? 0o644 : 0o755);
        return;
      }
      case 'mode':
        if (lstatSync(join(dir, edit.path)).isFile()) chmodSync(join(dir, edit.path), edit.mode);
        return;
      case 'dependencies':
        for (let at = 0; at < edit.filesCount; at += 1) {
          const path = `${edit.folder}/${at}/index.js`;
          clearTheWay(dir, path);
          writeFileSync(join(dir, path), incompressible(`${mark}${at}`, edit.sizeBytes));
        }
        return;
      case 'ignore':
        return writeFileSync(join(dir, '.gitignore'), `${edit.pattern}\n`, { flag: 'a' });
      case 'git':
        git(dir, ...edit.args);
    }
  } catch {
    // Nothing to remove, nothing to commit, no such path.
  }
}

/** Makes space for a path: links and files in it are replaced by folders, and what is there is removed. */
function clearTheWay(dir: string, path: string): void {
  const components = path.split('/');
  for (let depth = 1; depth < components.length; depth += 1) {
    const folder = join(dir, ...components.slice(0, depth));
    const stat = lstatSync(folder, { throwIfNoEntry: false });
    if (stat !== undefined && !stat.isDirectory()) rmSync(folder);
  }
  mkdirSync(dirname(join(dir, path)), { recursive: true });
  rmSync(join(dir, path), { recursive: true, force: true });
}
