import { LinkedFolders } from '../worktree/linked-folders.js';
import { lookAtEach } from '../worktree/lstat-path.js';
import { Unseen } from '../worktree/unseen.js';

/**
 * Whether one of these paths, which were missing, is a file or a link again. To an index that no longer holds
 * it, it would be untracked: ignored if a rule matches it, and subject to limits that spare what is tracked.
 */
export async function hasReturned(worktreeDir: string, missing: readonly Buffer[]): Promise<boolean> {
  const found: Buffer[] = [];
  await lookAtEach(worktreeDir, missing, (path, stats) => {
    if (stats === null || stats instanceof Unseen) return;
    if (stats.isFile() || stats.isSymbolicLink()) found.push(path);
  });
  const links = new LinkedFolders(worktreeDir);
  for (const path of found) if (!(await links.isBehindLink(path))) return true;
  return false;
}
