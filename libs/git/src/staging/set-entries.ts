import type { IndexLocation } from './list-changes.js';
import { runGit } from '../run/run-git.js';

export interface IndexEntry {
  /** Six digits. */
  mode: string;
  sha: string;
  path: Buffer;
}

/** Writes the given entries, without file times: git then reads the file before it considers it unchanged. */
export async function setEntries(index: IndexLocation, entries: readonly IndexEntry[]): Promise<void> {
  if (entries.length === 0) return;
  const lines = entries.map(({ mode, sha, path }) =>
    Buffer.concat([Buffer.from(`${mode} ${sha}\t`), path, Buffer.from([0])]),
  );
  await runGit({
    ...index,
    purpose: `setting ${entries.length} entries in the index of ${index.workTree}`,
    args: ['update-index', '-z', '--index-info'],
    input: Buffer.concat(lines),
  });
}
