import { access, constants } from 'node:fs/promises';
import type { IndexLocation } from '../staging/list-changes.js';
import { listIndexChanges } from '../staging/list-index-changes.js';
import { joinPath, lookAt } from '../worktree/lstat-path.js';
import { Unseen } from '../worktree/unseen.js';
import { runGit } from '../run/run-git.js';
import { hashFiles } from '../staging/hash-files.js';
import type { Omission } from '../values/omission.js';
import { setEntries, type IndexEntry } from '../staging/set-entries.js';

const REGULAR_FILE = /^100/;

/**
 * Makes every entry of an index that differs from the base contain the bytes on disk.
 *
 * An index that was copied from a worktree vouches, by file times, for blobs that `git add` has converted:
 * line ends (`text`, `eol`, `core.autocrlf`), `$Id$`, encodings, and filters such as LFS. A file restored
 * from such a blob would not be the file that was lost. So all files that differ from the base are hashed
 * once more, raw, regardless of attributes or settings, now or earlier.
 *
 * Files that do not differ from the base keep its blob, as far as the copied index vouches for them or they
 * are what a checkout makes here (`keepConvertedFiles`). They come back as a checkout of the base makes them
 * there: by its `.gitattributes`, but without the `core.autocrlf`, `core.eol` and filters of the machine that
 * was lost, and with LFS pointers for `git lfs pull` to fill. So one change is not kept: other line ends in a
 * file of the base where `git status` has already called that no change.
 *
 * @param alreadyRaw paths that were hashed since the copy was made
 * @returns the paths hashed here, and those that could not be, which stay as the index has them
 */
export async function storeRawBytes(
  index: IndexLocation & { workTree: string },
  baseSha: string,
  alreadyRaw: readonly Buffer[],
): Promise<{ paths: Buffer[]; omissions: Omission[] }> {
  const known = new Set(alreadyRaw.map((path) => path.toString('latin1')));
  const entries: IndexEntry[] = [];
  for (const { path, newMode, newSha } of await listIndexChanges(index, baseSha)) {
    if (known.has(path.toString('latin1')) || !REGULAR_FILE.test(newMode)) continue;
    if (await isReadableFile(index.workTree, path)) entries.push({ path, mode: newMode, sha: newSha });
  }
  const converted = await thoseOfOtherBytes(index, entries);
  if (converted.length === 0) return { paths: entries.map(({ path }) => path), omissions: [] };
  // Without file times git takes none of them for unchanged.
  await setEntries(index, converted);
  const { kept, removed, omissions } = await hashFiles(
    index,
    converted.map(({ path }) => path),
  );
  const missing = new Set([...kept, ...removed].map((path) => path.toString('latin1')));
  const paths = entries.map(({ path }) => path).filter((path) => !missing.has(path.toString('latin1')));
  return { paths, omissions };
}

/**
 * The entries that differ from the bytes on disk. Usually there are none: without conversions the index need
 * not be written again.
 */
async function thoseOfOtherBytes(
  index: IndexLocation & { workTree: string },
  entries: readonly IndexEntry[],
): Promise<readonly IndexEntry[]> {
  if (entries.length === 0) return [];
  const { exitCode, stdout } = await runGit({
    ...index,
    cwd: index.workTree,
    purpose: `comparing ${entries.length} files of ${index.workTree} with their blobs`,
    // Also written, in case the store has lost one.
    args: ['hash-object', '-w', '--no-filters', '--stdin-paths'],
    input: Buffer.concat(entries.flatMap(({ path }) => [HERE, path, LINE_END])),
    expectedExitCodes: [0, 128],
  });
  const found = stdout.toString('latin1').split('\n').slice(0, -1);
  // A file that is gone by now, or a line break in a name: they are hashed one by one.
  if (exitCode !== 0 || found.length !== entries.length) return entries;
  return entries.filter(({ sha }, at) => sha !== found[at]);
}

const HERE = Buffer.from('./');
const LINE_END = Buffer.from('\n');

/** Outside of a sparse checkout there is no file; one that cannot be read stays as it is in the index. */
async function isReadableFile(worktreeDir: string, path: Buffer): Promise<boolean> {
  const found = await lookAt(worktreeDir, path);
  if (found === null || found instanceof Unseen || !found.isFile()) return false;
  return access(joinPath(worktreeDir, path), constants.R_OK).then(
    () => true,
    () => false,
  );
}
