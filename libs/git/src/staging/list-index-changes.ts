import type { IndexLocation } from './list-changes.js';
import { nulSeparated, runGit } from '../run/run-git.js';

/** A path at which an index differs from a tree. */
export interface IndexChange {
  path: Buffer;
  /** Six digits; `000000` if there is no entry. */
  oldMode: string;
  oldSha: string;
  newMode: string;
  newSha: string;
}

/** Compares an index with a commit or tree; the files on disk are not read. */
export async function listIndexChanges(index: IndexLocation, baseSha: string): Promise<IndexChange[]> {
  const { stdout } = await runGit({
    ...index,
    purpose: `comparing the index of ${index.workTree} with ${baseSha}`,
    args: ['diff-index', '--cached', '--raw', '-z', '--no-abbrev', '--no-renames', baseSha],
  });
  const records = nulSeparated(stdout);
  const changes: IndexChange[] = [];
  for (let at = 0; at + 1 < records.length; at += 2) {
    const [oldMode, newMode, oldSha, newSha] = records[at]!.toString('latin1').slice(1).split(' ');
    changes.push({
      path: records[at + 1]!,
      oldMode: oldMode!,
      oldSha: oldSha!,
      newMode: newMode!,
      newSha: newSha!,
    });
  }
  return changes;
}
