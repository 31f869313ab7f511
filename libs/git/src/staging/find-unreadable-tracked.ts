import type { IndexLocation } from './list-changes.js';
import { lookAtEach } from '../worktree/lstat-path.js';
import { eachRecord, runGit } from '../run/run-git.js';

export interface Unreachable {
  /** Nothing is there: a loop of links stands in the way. */
  gone: Buffer[];
  /** Something may be there, which this user may not look at. */
  denied: Buffer[];
}

const SKIPPED = 'S'.charCodeAt(0);
const TAG_LENGTH = 'H '.length;

/**
 * The tracked files that git took for unchanged because it could not look at them. It warns of each, but not
 * so that a program could read every name. So all of them are looked at, as slow as one more `git status`:
 * for when there was a warning.
 */
export async function findUnreadableTracked(
  index: IndexLocation & { workTree: string },
): Promise<Unreachable> {
  const tracked: Buffer[] = [];
  await runGit({
    ...index,
    purpose: `listing the tracked files of ${index.workTree}`,
    args: ['ls-files', '-t', '-z'],
    consume: (stdout) =>
      eachRecord(stdout, (bytes, start, end) => {
        // Outside of a sparse checkout, not there is not deleted.
        if (bytes[start] !== SKIPPED) tracked.push(Buffer.from(bytes.subarray(start + TAG_LENGTH, end)));
      }),
  });
  const gone: Buffer[] = [];
  const denied: Buffer[] = [];
  await lookAtEach(index.workTree, tracked, (path, found) => {
    if (found === null) gone.push(path);
    else if (found === 'denied') denied.push(path);
  });
  return { gone, denied };
}
