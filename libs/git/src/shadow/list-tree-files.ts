import { nulSeparated, runGit } from '../run/run-git.js';

/**
 * The files and links of a captured tree, as paths from its top.
 *
 * @param shadowDir of the worktree that was captured
 */
export async function listTreeFiles(shadowDir: string, treeSha: string): Promise<Set<string>> {
  const { stdout } = await runGit({
    gitDir: shadowDir,
    purpose: `listing the captured tree ${treeSha}`,
    args: ['ls-tree', '-r', '-z', '--name-only', treeSha],
  });
  return new Set(nulSeparated(stdout).map(String));
}
