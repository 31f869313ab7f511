import { GitError } from '../run/git-error.js';
import { isUnsafePath } from '../values/path-safety.js';
import { nulSeparated, runGit } from '../run/run-git.js';

const GITLINK = '160000';
const SYMLINK = '120000';
const NOTHING = '000000';

/** One path that differs between two trees. */
export interface TreeChange {
  path: Buffer;
  kind: 'added' | 'modified' | 'deleted';
  /** The new entry is a link to a commit of a submodule. */
  isGitlink: boolean;
  /** Six digits; `000000` if there is no entry. */
  oldMode: string;
  oldSha: string;
  newMode: string;
  newSha: string;
}

/**
 * Lists the differences between two trees, and refuses paths that must never be written.
 *
 * @throws GitError `UNSAFE_PATH`
 */
export async function listTreeChanges(request: TreePair): Promise<TreeChange[]> {
  const changes = await readTreeChanges(request);
  const unsafe = changes.find(({ path, newMode }) => isUnsafePath(path, newMode === SYMLINK));
  if (unsafe !== undefined) throw unsafePath(unsafe.path);
  return changes;
}

export interface TreePair {
  gitDir: string;
  baseSha: string;
  treeSha: string;
  signal?: AbortSignal | undefined;
}

/** Lists the differences between two trees, whatever their names: for reading alone. */
export async function readTreeChanges(request: TreePair): Promise<TreeChange[]> {
  const { stdout } = await runGit({
    purpose: `listing the changes from ${request.baseSha} to ${request.treeSha}`,
    gitDir: request.gitDir,
    args: [
      'diff-tree',
      '-r',
      '--raw',
      '-z',
      '--no-abbrev',
      '--no-renames',
      '--end-of-options',
      request.baseSha,
      request.treeSha,
    ],
    signal: request.signal,
  });
  const records = nulSeparated(stdout);
  const changes: TreeChange[] = [];
  for (let at = 0; at + 1 < records.length; at += 2) {
    const [oldMode, newMode, oldSha, newSha] = records[at]!.toString('latin1').slice(1).split(' ');
    const path = records[at + 1]!;
    const kind = newMode === NOTHING ? 'deleted' : oldMode === NOTHING ? 'added' : 'modified';
    changes.push({
      path,
      kind,
      isGitlink: newMode === GITLINK,
      oldMode: oldMode!,
      oldSha: oldSha!,
      newMode: newMode!,
      newSha: newSha!,
    });
  }
  return changes;
}

function unsafePath(path: Buffer): GitError {
  return new GitError('UNSAFE_PATH', `The patch writes to ${JSON.stringify(path.toString('utf8'))}.`, {
    nextStep: 'Do not trust the origin of this patch.',
  });
}
