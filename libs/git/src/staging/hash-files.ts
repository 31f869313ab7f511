import { access, constants, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GitError } from '../run/git-error.js';
import { firstLine, nulTerminated, runGit } from '../run/run-git.js';
import { omit, reasonOfCode, type Omission, type OmissionReason } from '../values/omission.js';
import { LinkedFolders } from '../worktree/linked-folders.js';
import { joinPath, lookAt } from '../worktree/lstat-path.js';
import { Unseen } from '../worktree/unseen.js';
import { copyOnce } from './copy-once.js';
import type { IndexLocation } from './list-changes.js';
import { divide, mayBeOnePath, reasonOf } from './path-failure.js';
import { hearOfEach } from './hear-of-each.js';
import { setEntries } from './set-entries.js';

/** How often git is asked to hash one file that it refused among others. */
const ATTEMPTS = 3;

type Index = IndexLocation & {
  workTree: string;
  /** Called for each path that was hashed, or is gone; for one twice where its batch is divided. */
  onHashed?: ((path: Buffer) => void) | undefined;
};

export interface HashedFiles {
  /** Paths that the index holds as it held them before: not at all, where they are new. */
  kept: Buffer[];
  /** Paths that were files when they were listed, and are none now; not in the index any more. */
  removed: Buffer[];
  omissions: Omission[];
}

/**
 * Makes the index hold what lies on disk at these paths; what is gone is removed. One path never costs the
 * rest.
 *
 * One call of git does for all, as long as all goes well. When it fails, git gave up at the first path that
 * it could not take, with all that came after it: a database that is written to just then ("confused by
 * unstable object source data"), a file that nobody may read, a bad sector. Then the batch is divided until
 * those paths are known. Each is tried a few times more, then hashed from a private copy; where that fails
 * too, it stays in the index as it was, and is named with the reason. So is a file that changed while it was
 * copied: it is stored, but not as of one moment.
 *
 * @throws GitError when the store itself fails (`mayBeOnePath`)
 */
export async function hashFiles(index: Index, paths: readonly Buffer[]): Promise<HashedFiles> {
  const result: HashedFiles = { kept: [], removed: [], omissions: [] };
  if (paths.length === 0) return result;
  try {
    await updateIndex(index, paths);
    return result;
  } catch (error) {
    if (!mayBeOnePath(error)) throw error;
    const { likely, others } = await sortOut(index, paths);
    const unlikely = await divide(others, (some) => updateIndex(index, some));
    for (const path of [...likely, ...unlikely.map(({ item }) => item)]) await settle(index, path, result);
    return result;
  }
}

/** As `hashFiles`, where nothing may be left out: the first failure is an error. */
export async function hashAllFiles(index: Index, paths: readonly Buffer[]): Promise<void> {
  if (paths.length > 0) await updateIndex(index, paths);
}

export async function removeFromIndex(index: IndexLocation, paths: readonly Buffer[]): Promise<void> {
  if (paths.length === 0) return;
  await runGit({
    ...index,
    purpose: `removing ${paths.length} paths from the index of ${index.gitDir}`,
    args: ['update-index', '--force-remove', '-z', '--stdin'],
    input: nulTerminated(paths),
  });
}

async function updateIndex(index: Index, paths: readonly Buffer[]): Promise<void> {
  const { onHashed, ...location } = index;
  const options = ['--add', '--remove', '--replace', ...(onHashed ? ['--verbose'] : []), '-z', '--stdin'];
  try {
    await runGit({
      ...location,
      purpose: `hashing ${paths.length} files of ${index.workTree}`,
      args: ['update-index', ...options],
      input: nulTerminated(paths),
      ...(onHashed && { consume: (stdout) => hearOfEach(stdout, paths, onHashed) }),
    });
  } catch (error) {
    if (error instanceof GitError && error.exitCode === null) await unlock(index);
    throw error;
  }
}

/**
 * Git maps files into its memory: one that is cut off just then ends it by SIGBUS, with the index locked. The
 * lock was its own: where there had been one before, it would have ended with an exit code.
 */
async function unlock(index: Index): Promise<void> {
  await rm(`${index.indexFile ?? join(index.gitDir!, 'index')}.lock`, { force: true });
}

/** Looked at together; enough to keep Node's four file system threads busy. */
const BATCH = 256;

/** Finds most of what git refuses without asking it: a thousand closed files would be ten thousand calls. */
async function sortOut(
  index: Index,
  paths: readonly Buffer[],
): Promise<Record<'likely' | 'others', Buffer[]>> {
  const sorted: Record<'likely' | 'others', Buffer[]> = { likely: [], others: [] };
  for (let start = 0; start < paths.length; start += BATCH) {
    const batch = paths.slice(start, start + BATCH);
    const refused = await Promise.all(batch.map((path) => isRefused(index.workTree, path)));
    for (const [at, path] of batch.entries()) sorted[refused[at] ? 'likely' : 'others'].push(path);
  }
  return sorted;
}

async function isRefused(worktreeDir: string, path: Buffer): Promise<boolean> {
  const found = await lookAt(worktreeDir, path);
  if (found === null) return false;
  if (found instanceof Unseen) return true;
  if (found.isSymbolicLink()) return false;
  if (!found.isFile()) return true;
  return access(joinPath(worktreeDir, path), constants.R_OK).then(
    () => false,
    () => true,
  );
}

/** One path that git has refused. */
async function settle(index: Index, path: Buffer, result: HashedFiles): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const [again] = await divide([path], (some) => updateIndex(index, some));
    if (again === undefined) return;
    const found = await lookAt(index.workTree, path);
    if (found instanceof Unseen) return keep(result, path, found.reason);
    const isBehindLink = await new LinkedFolders(index.workTree).isBehindLink(path);
    if (isBehindLink || (found !== null && !found.isFile() && !found.isSymbolicLink())) {
      await removeFromIndex(index, [path]);
      result.removed.push(path);
      // What came in its place is found by the next capture; sockets and the like are named by this one.
      if (isBehindLink || found!.isDirectory()) result.omissions.push(omit(path, 'changing'));
      return;
    }
  }
  await hashCopy(index, path, result);
}

async function hashCopy(index: Index, path: Buffer, result: HashedFiles): Promise<void> {
  const copy = join(index.gitDir!, 'patchpoint-copy');
  try {
    const copied = await copyOnce(joinPath(index.workTree, path), copy).catch(whyNotCopied);
    if (typeof copied === 'string') return keep(result, path, copied);
    const { stdout } = await runGit({
      ...index,
      purpose: `hashing a copy of one file of ${index.workTree}`,
      args: ['hash-object', '-w', '--no-filters', '--', copy],
    });
    const mode = copied.executable ? '100755' : '100644';
    const [refused] = await divide([{ mode, sha: firstLine(stdout), path }], (some) =>
      setEntries(index, some),
    );
    if (refused !== undefined) return keep(result, path, reasonOf(refused.error));
    index.onHashed?.(path);
    if (!copied.ofOneMoment) result.omissions.push(omit(path, 'changing'));
  } finally {
    await rm(copy, { force: true });
  }
}

/** It was there and a file a moment ago: gone or replaced by something else since. */
const REPLACED = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR', 'ENXIO']);

function whyNotCopied(error: NodeJS.ErrnoException): OmissionReason {
  return REPLACED.has(error.code ?? '') ? 'changing' : reasonOfCode(error);
}

function keep(result: HashedFiles, path: Buffer, reason: OmissionReason): void {
  result.kept.push(path);
  result.omissions.push(omit(path, reason));
}
