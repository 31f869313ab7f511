import { lstat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Nothing is replaced that would be lost by it.
 *
 * @param paths what is to be placed in the worktree
 * @param kept what the checkpoint of its present state holds
 * @throws Error for the agent, when something is in the place of one of them that this checkpoint lacks: it
 *   is ignored, or was left out
 */
export async function requireKept(
  worktreeDir: string,
  paths: readonly string[],
  kept: ReadonlySet<string>,
): Promise<void> {
  for (const path of paths) {
    if (kept.has(path) || !(await isThere(worktreeDir, path))) continue;
    throw new Error(
      `${path} is in no checkpoint as it is now: it is ignored, left out, or a folder. Move it away first. Nothing was restored.`,
    );
  }
}

/** Not what is reached through a link, which is refused where files are placed. */
async function isThere(worktreeDir: string, path: string): Promise<boolean> {
  const names = path.split('/');
  for (let depth = 1; depth < names.length; depth += 1) {
    const folder = await lstat(join(worktreeDir, ...names.slice(0, depth))).catch(() => undefined);
    if (!folder?.isDirectory()) return false;
  }
  return lstat(join(worktreeDir, path)).then(
    () => true,
    () => false,
  );
}
