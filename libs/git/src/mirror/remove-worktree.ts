import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { prune } from './create-worktree.js';
import { removeShadow } from '../shadow/discard-worn-shadow.js';
import { runExclusive } from '../run/run-exclusive.js';

/**
 * Deletes a worktree, its shadow, and what its mirror knows of it; its branch stays. For callers that have
 * proven that nothing in it is still needed. May run twice.
 */
export async function removeWorktree(request: {
  worktreeDir: string;
  shadowDir?: string;
  mirrorDir?: string | null;
}): Promise<void> {
  const { worktreeDir, shadowDir, mirrorDir } = request;
  await rm(worktreeDir, { recursive: true, force: true });
  if (shadowDir !== undefined) await removeShadow(shadowDir);
  if (mirrorDir && existsSync(mirrorDir)) await runExclusive(mirrorDir, () => prune(mirrorDir));
}
