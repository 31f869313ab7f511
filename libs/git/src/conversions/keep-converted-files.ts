import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { checkOut } from './check-out-files.js';
import type { WorktreeDescription } from '../worktree/describe-worktree.js';
import { listIndexChanges, type IndexChange } from '../staging/list-index-changes.js';
import type { IndexLocation } from '../staging/list-changes.js';
import { joinPath, lstatPath } from '../worktree/lstat-path.js';
import { neutralizeFilters } from './neutralize-filters.js';
import { isUnsafePath } from '../values/path-safety.js';
import { setEntries, type IndexEntry } from '../staging/set-entries.js';

/**
 * Treats files as unchanged that are, byte for byte, what a checkout of the base makes here, although that is
 * not the base's blob: line ends, `$Id$` and encodings are also converted on checkout. Git itself recognizes
 * them by their file times; these say nothing about a file that is as new as the index, or was touched, and
 * whether every such file is in the patch would depend on the second of the checkout.
 *
 * Filters are not run: a file made by a filter (LFS) is treated as changed unless its times are those in the
 * index.
 *
 * @param changes.hashed paths whose bytes on disk the index holds
 * @param changes.attributes what `findAttributeFiles` finds for them
 */
export async function keepConvertedFiles(
  worktree: WorktreeDescription,
  index: IndexLocation & { workTree: string },
  baseSha: string,
  changes: { hashed: readonly Buffer[]; attributes: readonly IndexEntry[] },
): Promise<void> {
  const { hashed, attributes } = changes;
  const { lineEnds } = worktree.settings;
  if (hashed.length === 0) return;
  const hasOwnAttributes = existsSync(join(worktree.commonDir, 'info', 'attributes'));
  if (attributes.length === 0 && lineEnds.length === 0 && !hasOwnAttributes) return;
  const paths = new Set(hashed.map((path) => path.toString('latin1')));
  const candidates = (await listIndexChanges(index, baseSha)).filter(
    (change) => paths.has(change.path.toString('latin1')) && isSameKindOfFile(change),
  );
  if (candidates.length === 0) return;
  const checkoutDir = await mkdtemp(join(tmpdir(), 'patchpoint-checkout-'));
  try {
    const config = [...lineEnds, ...(await neutralizeFilters(worktree.gitDir, index.signal))];
    const entries = candidates.map(({ path, oldMode, oldSha }) => ({ path, mode: oldMode, sha: oldSha }));
    await checkOut(worktree.gitDir, checkoutDir, { attributes, entries }, { config, signal: index.signal });
    const kept = [];
    for (const entry of entries) {
      // A file that is gone by now, or cannot be read, is not the same.
      if (await isSameFile(checkoutDir, index.workTree, entry.path).catch(() => false)) kept.push(entry);
    }
    await setEntries(index, kept);
  } finally {
    await rm(checkoutDir, { recursive: true, force: true });
  }
}

function isSameKindOfFile(change: IndexChange): boolean {
  return change.oldMode.startsWith('100') && change.newMode === change.oldMode && !isUnsafePath(change.path);
}

async function isSameFile(oneDir: string, otherDir: string, path: Buffer): Promise<boolean> {
  const [one, other] = await Promise.all([lstatPath(oneDir, path), lstatPath(otherDir, path)]);
  if (!one?.isFile() || !other?.isFile() || one.size !== other.size) return false;
  const [a, b] = await Promise.all([digest(joinPath(oneDir, path)), digest(joinPath(otherDir, path))]);
  return a.equals(b);
}

async function digest(path: Buffer): Promise<Buffer> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest();
}
