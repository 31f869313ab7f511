import { findLinkedEntry, forgetLinkedEntry } from './linked-entry.js';
import { removeFolder } from './remove-folder.js';
import { taskFolderOf } from './task-folder.js';
import { removeShadow } from '../shadow/discard-worn-shadow.js';

/**
 * Deletes a worktree, its repository, its shadow, and of one that an older version made what the mirror knows
 * of it; nothing of any other worktree. For callers that have proven that nothing in it is still needed. May
 * run twice.
 *
 * @param request.gitDir as it was made; undefined for worktrees of older versions
 */
export async function removeWorktree(request: {
  worktreeDir: string;
  gitDir?: string | undefined;
  shadowDir?: string;
}): Promise<void> {
  const { worktreeDir, gitDir, shadowDir } = request;
  const taskDir = taskFolderOf(worktreeDir, gitDir);
  const entryDir = taskDir === null ? await findLinkedEntry(worktreeDir) : null;
  await removeFolder(taskDir ?? worktreeDir);
  if (shadowDir !== undefined) await removeShadow(shadowDir);
  if (entryDir !== null) await forgetLinkedEntry(entryDir);
}
