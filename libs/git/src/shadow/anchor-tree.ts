import { firstLine, runGit } from '../run/run-git.js';

/**
 * Keeps a tree from garbage collection: a commit of it, on top of HEAD, under a ref of the shadow. A commit
 * and not the tree itself, because some tools break on refs to trees, and because a bundle of it includes the
 * commits below.
 *
 * May run again: the same tree on the same HEAD is the same commit, as its author, message and dates never
 * change. The date is that of HEAD: git walks newer commits first, and one from 1970 would make it walk the
 * whole history to reach it.
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
  const purpose = `anchoring the tree ${treeSha}`;
  const parents = headSha === null ? [] : ['-p', headSha];
  const { stdout } = await runGit({
    purpose,
    gitDir,
    args: ['commit-tree', '--no-gpg-sign', ...parents, '-m', 'Captured state of a worktree', treeSha],
    variables: identityAt(await readCommitTime(gitDir, headSha, signal)),
    signal,
  });
  await runGit({ purpose, gitDir, args: ['update-ref', anchorRef, firstLine(stdout)], signal });
}

function identityAt(seconds: string): Record<string, string> {
  const identity = { NAME: 'Patchpoint', EMAIL: 'patchpoint@localhost', DATE: `@${seconds} +0000` };
  const variables: Record<string, string> = {};
  for (const [key, value] of Object.entries(identity)) {
    variables[`GIT_AUTHOR_${key}`] = value;
    variables[`GIT_COMMITTER_${key}`] = value;
  }
  return variables;
}

/**
 * In seconds since 1970. From the commit itself: `git show` continues to its parents, which a shallow clone
 * may lack.
 */
async function readCommitTime(gitDir: string, headSha: string | null, signal?: AbortSignal): Promise<string> {
  if (headSha === null) return '0';
  const { stdout } = await runGit({
    purpose: `reading the time of ${headSha}`,
    gitDir,
    args: ['cat-file', 'commit', headSha],
    signal,
  });
  return /^committer .* (\d+) [+-]\d{4}$/m.exec(stdout.toString('latin1'))?.[1] ?? '0';
}
