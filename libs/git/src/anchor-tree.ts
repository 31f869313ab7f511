import { firstLine, runGit } from './run-git.js';

const ANCHOR_IDENTITY = {
  GIT_AUTHOR_NAME: 'Patchpoint',
  GIT_AUTHOR_EMAIL: 'patchpoint@localhost',
  GIT_COMMITTER_NAME: 'Patchpoint',
  GIT_COMMITTER_EMAIL: 'patchpoint@localhost',
};

/**
 * Keeps a tree from garbage collection: a commit of it under a ref of the shadow. A commit and not the tree itself, because some
 * tools break on refs to trees. May run again: the ref then names a younger commit of the same tree.
 */
export async function anchorTree(request: {
  gitDir: string;
  treeSha: string;
  anchorRef: string;
  signal?: AbortSignal | undefined;
}): Promise<void> {
  const { gitDir, treeSha, anchorRef, signal } = request;
  const { stdout } = await runGit({
    purpose: `anchoring the tree ${treeSha}`,
    gitDir,
    args: ['commit-tree', '--no-gpg-sign', '-m', 'Captured state of a worktree', treeSha],
    variables: ANCHOR_IDENTITY,
    signal,
  });
  await runGit({
    purpose: `anchoring the tree ${treeSha}`,
    gitDir,
    args: ['update-ref', anchorRef, firstLine(stdout)],
    signal,
  });
}
