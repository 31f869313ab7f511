import { Remembered } from '../run/remembered.js';
import { runGit } from '../run/run-git.js';
import { objectFormatOf } from '../values/sha.js';
import { writeLooseObject } from './write-loose-object.js';
import { writeRef } from './write-ref.js';

/**
 * Keeps a tree from garbage collection: a commit of it, on top of HEAD, under a ref of the shadow. A commit
 * and not the tree itself, because some tools break on refs to trees, and because a bundle of it includes the
 * commits below.
 *
 * May run again: the same tree on the same HEAD is the same commit, as its author, message and dates never
 * change. The date is that of HEAD: git walks newer commits first, and one from 1970 would make it walk the
 * whole history to reach it.
 *
 * Both are written as git would write them, without it: that saves each capture three processes of 4 to 8 ms.
 */
export async function anchorTree(request: {
  gitDir: string;
  treeSha: string;
  /** Null if there is no commit. */
  headSha: string | null;
  anchorRef: string;
  signal?: AbortSignal | undefined;
}): Promise<void> {
  const { gitDir, treeSha, headSha, anchorRef, signal } = request;
  const identity = `Patchpoint <patchpoint@localhost> ${await readCommitTime(gitDir, headSha, signal)} +0000`;
  const commit = [
    `tree ${treeSha}`,
    ...(headSha === null ? [] : [`parent ${headSha}`]),
    `author ${identity}`,
    `committer ${identity}`,
    '',
    'Captured state of a worktree\n',
  ].join('\n');
  const sha = await writeLooseObject(gitDir, objectFormatOf(treeSha), 'commit', Buffer.from(commit));
  await writeRef(gitDir, anchorRef, sha);
}

const commitTimes = new Remembered<string>(1000);

/**
 * In seconds since 1970. From the commit itself: `git show` continues to its parents, which a shallow clone
 * may lack.
 */
async function readCommitTime(gitDir: string, headSha: string | null, signal?: AbortSignal): Promise<string> {
  if (headSha === null) return '0';
  const known = commitTimes.get(headSha);
  if (known !== undefined) return known;
  const { stdout } = await runGit({
    purpose: `reading the time of ${headSha}`,
    gitDir,
    args: ['cat-file', 'commit', headSha],
    signal,
  });
  const time = /^committer .* (\d+) [+-]\d{4}$/m.exec(stdout.toString('latin1'))?.[1] ?? '0';
  commitTimes.set(headSha, time);
  return time;
}
