import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GitError } from '../run/git-error.js';
import { firstLine, runGit } from '../run/run-git.js';
import { isEmptyTree } from '../values/sha.js';
import type { Shadow } from '../shadow/shadow.js';

/**
 * Applies a patch to a base without a worktree, and proves that the result is the recorded tree.
 *
 * @param request.diff unpacked; empty when the state is the base's own
 * @throws GitError `PATCH_INVALID`, `UNSAFE_PATH`, `TREE_MISMATCH`
 */
export async function buildTree(
  shadow: Shadow,
  request: { baseSha: string; treeSha: string; diff: Buffer; signal?: AbortSignal | undefined },
): Promise<void> {
  const { baseSha, treeSha, diff, signal } = request;
  const indexFile = join(shadow.gitDir, 'restore-index');
  const call = { gitDir: shadow.gitDir, indexFile, signal };
  await rm(`${indexFile}.lock`, { force: true });
  try {
    await runGit({
      ...call,
      purpose: `reading the base ${baseSha}`,
      args: ['read-tree', isEmptyTree(baseSha) ? '--empty' : baseSha],
    });
    // `git apply` refuses an empty patch.
    if (diff.length > 0) {
      await runGit({
        ...call,
        purpose: `applying the patch to ${baseSha}`,
        args: ['apply', '--cached', '--binary', '--whitespace=nowarn', '-'],
        input: diff,
        classify: meaningOfRefusal,
      });
    }
    const { stdout } = await runGit({
      ...call,
      purpose: `writing the tree that the patch makes of ${baseSha}`,
      args: ['write-tree', '--missing-ok'],
    });
    requireSameTree(treeSha, firstLine(stdout), 'The patch makes another tree than was recorded');
  } finally {
    await rm(indexFile, { force: true });
  }
}

export function requireSameTree(expected: string, actual: string, what: string): void {
  if (actual === expected) return;
  throw new GitError('TREE_MISMATCH', `${what}: ${actual} instead of ${expected}.`, {
    nextStep: 'Restore an older checkpoint; this one cannot be brought back exactly.',
  });
}

function meaningOfRefusal(stderr: string): { code: 'UNSAFE_PATH' | 'PATCH_INVALID'; nextStep: string } {
  const isUnsafe = /invalid path|beyond a symbolic link|affected file .* is beyond/.test(stderr);
  return {
    code: isUnsafe ? 'UNSAFE_PATH' : 'PATCH_INVALID',
    nextStep: 'Restore an older checkpoint; this patch cannot be applied.',
  };
}
