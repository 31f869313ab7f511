import { describeWorktree, type WorktreeDescription } from '../worktree/describe-worktree.js';
import { baseBranchRef } from '../worktree/find-base.js';
import { GitError } from '../run/git-error.js';
import { networkCall, type NetworkOptions } from '../remote/network.js';
import { withNetworkGitDir } from '../remote/network-git-dir.js';
import { NO_LIMITS, planStaging } from '../staging/plan-staging.js';
import { withoutFilters } from '../conversions/neutralize-filters.js';
import type { OperationInProgress } from '../worktree/operation-in-progress.js';
import { firstLine, runGit } from '../run/run-git.js';
import { emptyTreeOf } from '../values/sha.js';
import { findChanges, stageChanges, type Changes } from '../staging/stage-worktree.js';
import type { IndexLocation } from '../staging/list-changes.js';
import type { SelectionRequest } from './capture-request.js';
import { selectAsCaptured } from './capture-worktree.js';
import type { Omission } from '../values/omission.js';

export interface Identity {
  name: string;
  email: string;
}

export interface WipCommitRequest extends Partial<NetworkOptions> {
  /** One that the daemon made; never an adopted one, whose index and branch are its owner's. */
  worktreeDir: string;
  /** As in `CaptureRequest`. */
  gitDir?: string;
  message: string;
  /** Also push the branch to the remote. */
  push: boolean;
  /** How the worktree is captured: untracked files that a capture leaves out stay out of the commit. */
  selection?: SelectionRequest;
  /** By default `origin`. */
  remoteName?: string;
  /** Used where the user has configured none. */
  identity: Identity;
}

export type WipCommit =
  | {
      outcome: 'committed';
      commitSha: string;
      pushed: boolean;
      pushError?: string;
      /** What stayed out of the commit and lies in the worktree as it was. */
      leftOut: Omission[];
    }
  | { outcome: 'nothing-to-commit' }
  | { outcome: 'operation-in-progress'; operation: OperationInProgress }
  | { outcome: 'detached-head' };

/**
 * Commits the work in a worktree to its branch and, where asked, pushes the branch, best effort: to the same
 * name, never by force. Untracked files that look like secrets stay untracked (`looksLikeSecret`). No hook
 * runs and nothing is signed. A push that fails is an answer, not an error. May be called again at any time.
 *
 * @throws GitError `NOT_A_WORKTREE`, `GIT_FAILED` (such as a locked index)
 */
export async function commitWip(request: WipCommitRequest): Promise<WipCommit> {
  const { worktreeDir, gitDir, signal, selection } = request;
  const comparedRef = selection && baseBranchRef(selection);
  const worktree = await describeWorktree(worktreeDir, signal, gitDir, comparedRef);
  if (worktree.operation !== null) return { outcome: 'operation-in-progress', operation: worktree.operation };
  if (worktree.branchName === null) return { outcome: 'detached-head' };
  const made = await commit(worktree, request);
  if (made === null) return { outcome: 'nothing-to-commit' };
  if (!request.push) return { outcome: 'committed', ...made, pushed: false };
  const pushError = await push(worktree, made.commitSha, request);
  return pushError === null
    ? { outcome: 'committed', ...made, pushed: true }
    : { outcome: 'committed', ...made, pushed: false, pushError };
}

async function commit(
  worktree: WorktreeDescription,
  request: WipCommitRequest,
): Promise<{ commitSha: string; leftOut: Omission[] } | null> {
  const { signal } = request;
  const { gitDir, worktreeDir, headSha, settings } = worktree;
  const config = [`core.excludesFile=${settings.excludesFile}`, ...withoutFilters(settings.filters)];
  const index = { gitDir, workTree: worktreeDir, config, signal };
  const purpose = `committing the work in ${worktreeDir}`;
  const { omissions: leftOut } = await stageChanges(index, await findWork(index, worktree, request));
  const written = await runGit({ ...index, purpose, args: ['write-tree'] });
  const treeSha = firstLine(written.stdout);
  if (treeSha === (worktree.headTreeSha ?? emptyTreeOf(worktree.objectFormat))) return null;
  const parents = headSha === null ? [] : ['-p', headSha];
  const { stdout } = await runGit({
    purpose,
    gitDir,
    args: ['commit-tree', '--no-gpg-sign', ...parents, '-F', '-', treeSha],
    input: Buffer.from(`${request.message}\n`),
    variables: identityVariables(settings, request.identity),
    signal,
  });
  const commitSha = firstLine(stdout);
  const expected = headSha ?? '0'.repeat(commitSha.length);
  const reason = `commit: ${request.message.split('\n', 1)[0]}`;
  await runGit({ purpose, gitDir, args: ['update-ref', '-m', reason, 'HEAD', commitSha, expected], signal });
  return { commitSha, leftOut };
}

async function findWork(
  index: IndexLocation & { workTree: string },
  worktree: WorktreeDescription,
  { selection, signal }: WipCommitRequest,
): Promise<Changes> {
  const limits = { ...NO_LIMITS, withoutSecrets: true };
  const all = await findChanges(index, [], limits);
  if (selection === undefined || all.plan.untracked.length === 0) return all;
  const only = await selectAsCaptured(worktree, selection, signal);
  return { facts: all.facts, plan: planStaging(all.facts, { ...limits, only }) };
}

function identityVariables(
  { userName, userEmail }: WorktreeDescription['settings'],
  fallback: Identity,
): Record<string, string> {
  const identity = userName !== null && userEmail !== null ? { name: userName, email: userEmail } : fallback;
  return {
    GIT_AUTHOR_NAME: identity.name,
    GIT_AUTHOR_EMAIL: identity.email,
    GIT_COMMITTER_NAME: identity.name,
    GIT_COMMITTER_EMAIL: identity.email,
  };
}

/** @returns null when pushed, otherwise what went wrong */
async function push(
  worktree: WorktreeDescription,
  commitSha: string,
  request: WipCommitRequest,
): Promise<string | null> {
  const { allowFileProtocol = false, credentials, signal } = request;
  const options = { allowFileProtocol, ...(credentials && { credentials }), ...(signal && { signal }) };
  const remoteName = request.remoteName ?? 'origin';
  try {
    await withNetworkGitDir(worktree.commonDir, remoteName, (gitDir, url) =>
      runGit({
        ...networkCall(url, options),
        purpose: `pushing ${worktree.branchName} of ${worktree.worktreeDir} to ${url}`,
        gitDir,
        args: [
          'push',
          '--quiet',
          '--no-verify',
          '--no-signed',
          '--',
          remoteName,
          `${commitSha}:refs/heads/${worktree.branchName}`,
        ],
      }),
    );
    return null;
  } catch (error) {
    if (error instanceof GitError) return error.message;
    throw error;
  }
}
