import { requireRefName } from '../values/ref-name.js';
import { firstLine, runGit } from '../run/run-git.js';
import { emptyTreeOf } from '../values/sha.js';
import type { WorktreeDescription } from './describe-worktree.js';

/** Remote-tracking refs compared when the base branch does not help, the most recent first. */
const MAX_REFS = 1000;

/** What a patch of a worktree applies to. */
export interface Base {
  /** A commit, or the id of the empty tree. */
  baseSha: string;
  /** A restore can get it: it was seen on the remote at the last fetch or push, or it is empty. */
  baseReachable: boolean;
}

/**
 * The branch that a worktree's work is meant for, as last fetched. Pure. Whoever describes the worktree with
 * it saves `findBase` the question.
 *
 * @throws GitError `BAD_REF`
 */
export function baseBranchRef({ remoteName = 'origin', baseBranch }: BaseBranch): string {
  requireRefName(remoteName, 'remoteName');
  if (baseBranch !== undefined) requireRefName(baseBranch, 'baseBranch');
  return `refs/remotes/${remoteName}/${baseBranch ?? 'HEAD'}`;
}

export interface BaseBranch {
  /** By default `origin`. */
  remoteName?: string;
  /** By default the one that the remote's HEAD names. */
  baseBranch?: string;
}

/**
 * Finds the commit that others can fetch and that is closest to the work: the merge base of HEAD with the
 * source's base branch; failing that, the best common ancestor with any remote-tracking ref; with neither,
 * the empty tree.
 */
export async function findBase(
  worktree: WorktreeDescription,
  { remoteName = 'origin', baseBranch }: BaseBranch,
  signal?: AbortSignal,
): Promise<Base> {
  const preferred = baseBranchRef({ remoteName, ...(baseBranch !== undefined && { baseBranch }) });
  const empty = { baseSha: emptyTreeOf(worktree.objectFormat), baseReachable: true };
  if (worktree.headSha === null) return empty;
  const { gitDir, headSha } = worktree;
  const known = worktree.mergeBase;
  const baseSha =
    (known?.ref === preferred ? known.sha : await mergeBase(gitDir, headSha, [preferred], signal)) ??
    (await mergeBase(
      gitDir,
      headSha,
      await listRefs(gitDir, `refs/remotes/${remoteName}/`, signal),
      signal,
    )) ??
    (await mergeBase(gitDir, headSha, await listRefs(gitDir, 'refs/remotes/', signal), signal));
  return baseSha === null ? empty : { baseSha, baseReachable: true };
}

/**
 * With several refs: the best ancestor that HEAD shares with any of them. Null if there is none, or no such
 * ref.
 */
async function mergeBase(
  gitDir: string,
  headSha: string,
  refs: readonly string[],
  signal?: AbortSignal,
): Promise<string | null> {
  if (refs.length === 0) return null;
  const { exitCode, stdout } = await runGit({
    purpose: `finding the base of ${headSha} in ${gitDir}`,
    gitDir,
    args: ['merge-base', headSha, ...refs],
    // 1: nothing in common. 128: no such ref.
    expectedExitCodes: [0, 1, 128],
    signal,
  });
  return exitCode === 0 ? firstLine(stdout) : null;
}

async function listRefs(gitDir: string, prefix: string, signal?: AbortSignal): Promise<string[]> {
  const { stdout } = await runGit({
    purpose: `listing ${prefix} of ${gitDir}`,
    gitDir,
    args: ['for-each-ref', '--sort=-committerdate', `--count=${MAX_REFS}`, '--format=%(objectname)', prefix],
    signal,
  });
  return [...new Set(stdout.toString('latin1').split('\n').filter(Boolean))];
}
