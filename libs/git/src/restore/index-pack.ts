import type { GitErrorCode } from '../run/git-error.js';
import { firstLine, runGit } from '../run/run-git.js';

/**
 * Stores a pack in a repository, after git has checked every object in it (`fsck`) and that what they refer
 * to is there. May run again: the same pack is the same files.
 *
 * @param pack may leave out objects that the repository has
 * @returns the pack's name, as in `pack-<name>.pack`
 * @throws GitError `UNSAFE_PATH` for names in its trees that must never be written, `PATCH_INVALID`
 */
export async function indexPack(gitDir: string, pack: Buffer, signal?: AbortSignal): Promise<string> {
  const { stdout } = await runGit({
    purpose: `unpacking a bundle into ${gitDir}`,
    gitDir,
    args: ['index-pack', '--stdin', '--fix-thin', '--strict'],
    input: pack,
    classify: meaningOfRefusal,
    signal,
  });
  return firstLine(stdout).split('\t')[1]!;
}

function meaningOfRefusal(stderr: string): { code: GitErrorCode; nextStep: string } | undefined {
  // A full disk, or a folder that may not be written to, says nothing of the pack.
  if (
    /No space left|Permission denied|unable to (?:create|write|open)|cannot (?:fork|mkstemp)/i.test(stderr)
  ) {
    return undefined;
  }
  const isUnsafe = /hasDot|hasDotdot|hasDotgit|fullPathname|emptyName|gitmodulesSymlink/.test(stderr);
  return {
    code: isUnsafe ? 'UNSAFE_PATH' : 'PATCH_INVALID',
    nextStep: 'Restore from the diff of this checkpoint, or from an older one.',
  };
}
