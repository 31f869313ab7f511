import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkOut, findAttributeFiles } from './check-out-files.js';
import type { WorktreeDescription } from '../worktree/describe-worktree.js';
import type { IndexLocation } from '../staging/list-changes.js';
import { joinPath, lstatPath } from '../worktree/lstat-path.js';
import { neutralizeFilters } from './neutralize-filters.js';
import type { IndexEntry } from '../staging/set-entries.js';

/**
 * Gives files that equal the base, while HEAD differs, the bytes that a checkout of the base makes: the same
 * files have these in a worktree at the base, and `keepConvertedFiles` considered them unchanged. They are
 * there already, as raw blobs.
 *
 * @param entries of the base, regular files
 */
export async function writeConvertedFiles(
  worktree: WorktreeDescription,
  index: IndexLocation,
  baseSha: string,
  entries: readonly IndexEntry[],
): Promise<void> {
  if (entries.length === 0) return;
  const paths = entries.map(({ path }) => path);
  const attributes = await findAttributeFiles(index, baseSha, paths);
  if (attributes.length === 0) return;
  const checkoutDir = await mkdtemp(join(tmpdir(), 'patchpoint-checkout-'));
  try {
    const config = await neutralizeFilters(worktree.gitDir, index.signal);
    const { signal } = index;
    await checkOut(worktree.gitDir, checkoutDir, { attributes, entries }, { config, signal });
    for (const path of paths) {
      if (!(await lstatPath(checkoutDir, path))?.isFile()) continue;
      await copyFile(joinPath(checkoutDir, path), joinPath(worktree.worktreeDir, path));
    }
  } finally {
    await rm(checkoutDir, { recursive: true, force: true });
  }
}
