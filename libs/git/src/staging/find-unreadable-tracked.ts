import type { UnseenPath } from './plan-staging.js';
import type { IndexLocation } from './list-changes.js';
import { lookAtEach } from '../worktree/lstat-path.js';
import { Unseen } from '../worktree/unseen.js';
import { eachRecord, runGit } from '../run/run-git.js';

export interface Unreachable {
  /** There is no file: the path contains a loop of links. */
  gone: Buffer[];
  /** Something may be there, which cannot be looked at. */
  unseen: UnseenPath[];
}

const SKIPPED = 'S'.charCodeAt(0);
const TAG_LENGTH = 'H '.length;

/**
 * The tracked files that git considered unchanged because it could not access them. It warns of each, but a
 * program cannot parse every name. So all tracked files are checked, which is as slow as another `git
 * status`: only call it after a warning.
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
        // Outside of a sparse checkout, a missing file was not deleted.
        if (bytes[start] !== SKIPPED) tracked.push(Buffer.from(bytes.subarray(start + TAG_LENGTH, end)));
      }),
  });
  const gone: Buffer[] = [];
  const unseen: UnseenPath[] = [];
  await lookAtEach(index.workTree, tracked, (path, found) => {
    if (found === null) gone.push(path);
    else if (found instanceof Unseen) unseen.push({ path, reason: found.reason });
  });
  return { gone, unseen };
}
