import { nulSeparated, runGit } from './run-git.js';

/** For people; a binary file counts as a file without lines. */
export interface ChangeCounts {
  filesChanged: number;
  linesAdded: number;
  linesRemoved: number;
}

/** Counts what differs between two trees. */
export async function countChanges(request: {
  gitDir: string;
  baseSha: string;
  treeSha: string;
  signal?: AbortSignal | undefined;
}): Promise<ChangeCounts> {
  const { stdout } = await runGit({
    purpose: `counting the changes from ${request.baseSha} to ${request.treeSha}`,
    gitDir: request.gitDir,
    args: [
      'diff-tree',
      '-r',
      '--numstat',
      '-z',
      '--no-renames',
      '--no-ext-diff',
      '--no-textconv',
      '--end-of-options',
      request.baseSha,
      request.treeSha,
    ],
    signal: request.signal,
  });
  const counts = { filesChanged: 0, linesAdded: 0, linesRemoved: 0 };
  for (const record of nulSeparated(stdout)) {
    const [added, removed] = record.toString('latin1').split('\t', 2);
    counts.filesChanged += 1;
    counts.linesAdded += Number(added) || 0;
    counts.linesRemoved += Number(removed) || 0;
  }
  return counts;
}
