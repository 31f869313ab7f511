import { describeWorktree, type WorktreeDescription } from '../worktree/describe-worktree.js';
import { userConfigEnvironment } from '../run/git-environment.js';
import { GitError } from '../run/git-error.js';
import { networkCall, type NetworkOptions } from '../remote/network.js';
import { withNetworkGitDir } from '../remote/network-git-dir.js';
import { NO_LIMITS, planStaging } from '../staging/plan-staging.js';
import { neutralizeFilters } from '../conversions/neutralize-filters.js';
import type { OperationInProgress } from '../worktree/operation-in-progress.js';
import { firstLine, runGit } from '../run/run-git.js';
import { findChanges, stageChanges, type Changes } from '../staging/stage-worktree.js';
import type { IndexLocation } from '../staging/list-changes.js';
import { selectAsCaptured, type SelectionRequest } from './capture-worktree.js';
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
  const worktree = await describeWorktree(request.worktreeDir, request.signal, request.gitDir);
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
  const { gitDir, worktreeDir, headSha } = worktree;
  const config = [
    `core.excludesFile=${worktree.settings.excludesFile}`,
    ...(await neutralizeFilters(gitDir, signal)),
  ];
  const index = { gitDir, workTree: worktreeDir, config, signal };
  const purpose = `committing the work in ${worktreeDir}`;
  const [{ treeSha, leftOut }, headTreeSha, variables] = await Promise.all([
    findWork(index, worktree, request).then(async (changes) => {
      const { omissions: leftOut } = await stageChanges(index, changes);
      const { stdout } = await runGit({ ...index, purpose, args: ['write-tree'] });
      return { treeSha: firstLine(stdout), leftOut };
    }),
    headTree(gitDir, headSha, signal),
    identityVariables(worktree, request.identity, signal),
  ]);
  if (treeSha === headTreeSha) return null;
  const parents = headSha === null ? [] : ['-p', headSha];
  const { stdout } = await runGit({
    purpose,
    gitDir,
    args: ['commit-tree', '--no-gpg-sign', ...parents, '-F', '-', treeSha],
    input: Buffer.from(`${request.message}\n`),
    variables,
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

async function headTree(gitDir: string, headSha: string | null, signal?: AbortSignal): Promise<string> {
  const call = { purpose: `reading the tree of HEAD in ${gitDir}`, gitDir, signal };
  const { stdout } =
    headSha === null
      ? await runGit({ ...call, args: ['mktree'], input: Buffer.alloc(0) })
      : await runGit({ ...call, args: ['rev-parse', '--verify', `${headSha}^{tree}`] });
  return firstLine(stdout);
}

async function identityVariables(
  worktree: WorktreeDescription,
  fallback: Identity,
  signal?: AbortSignal,
): Promise<Record<string, string>> {
  const [name, email] = await Promise.all([
    readUserConfig(worktree, 'user.name', signal),
    readUserConfig(worktree, 'user.email', signal),
  ]);
  const identity = name !== null && email !== null ? { name, email } : fallback;
  return {
    GIT_AUTHOR_NAME: identity.name,
    GIT_AUTHOR_EMAIL: identity.email,
    GIT_COMMITTER_NAME: identity.name,
    GIT_COMMITTER_EMAIL: identity.email,
  };
}

async function readUserConfig(
  { worktreeDir, gitDir }: WorktreeDescription,
  key: string,
  signal?: AbortSignal,
): Promise<string | null> {
  const { exitCode, stdout } = await runGit({
    purpose: `reading ${key} of ${worktreeDir}`,
    cwd: worktreeDir,
    gitDir,
    environment: userConfigEnvironment(),
    args: ['config', '-z', '--get', key],
    expectedExitCodes: [0, 1],
    signal,
  });
  const value = stdout.toString('utf8').replace(/\0$/, '').trim();
  return exitCode === 0 && value !== '' ? value : null;
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
