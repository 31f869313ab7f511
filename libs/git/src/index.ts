/**
 * Worktrees as values: capture one, restore it, prove that both are equal.
 *
 *   capture:  worktree → shadow (a private git dir) → tree → base → diff and bundle
 *   restore:  mirror → base + diff or bundle → tree, which must be the captured one → worktree → tree again
 *
 * Nothing that a worktree or its repository configures is run. Nothing is reported as restored without proof;
 * a restore that fails leaves nothing behind. All git goes through run/run-git.ts. Throws GitError.
 */
export { captureWorktree } from './capture/capture-worktree.js';
export type {
  Capture,
  CaptureRequest,
  PatchAbsentReason,
  SelectionRequest,
} from './capture/capture-request.js';
export { stateOf, type CapturedState } from './capture/captured-state.js';
export { computeTreeSha } from './shadow/compute-tree-sha.js';
export { listTreeFiles } from './shadow/list-tree-files.js';
export { NotAWorktreeError, type WorktreeFault } from './worktree/not-a-worktree-error.js';
export { describeWorktree, type WorktreeDescription } from './worktree/describe-worktree.js';
export { listOwnIgnoredEntries, moveIgnoredEntries } from './worktree/ignored-entries.js';
export { findSource } from './worktree/find-source.js';
export type { OperationInProgress } from './worktree/operation-in-progress.js';
export type { BundleMode } from './capture/decide-bundle.js';
export { GitError, redactCredentials, type GitErrorCode } from './run/git-error.js';
export { gunzipWithCeiling } from './restore/gunzip-with-ceiling.js';
export type { Bundle } from './capture/make-bundle.js';
export type { Patch } from './capture/make-patch.js';
export type { CaptureProgress } from './staging/progress-meter.js';
export { chooseSetup } from './project/choose-setup.js';
export { readProjectFile } from './project/project-file.js';
export { DEPENDENCY_FOLDERS } from './staging/dependency-folders.js';
export {
  mayKeepOut,
  SECRET_POLICIES,
  type SecretDecision,
  type SecretPolicies,
  type SecretPolicy,
} from './secrets/judge-secret.js';
export type { ScanLimits } from './secrets/find-secrets.js';
export type { CapturedSecret, SecretSettings } from './secrets/secret-review.js';
export { SecretDesk, type HeldCheckpoint, type HeldFile } from './secrets/secret-desk.js';
export { SecretScanner } from './secrets/secret-scanner.js';
export { NOT_SECRET_NAMES, SECRET_NAMES } from './staging/secret-names.js';
export { MAX_EXCEPTIONS_BYTES, type ModeException, type Modes } from './values/modes.js';
export type { Omission, OmissionReason } from './values/omission.js';
export { EMPTY_TREE_SHA1, EMPTY_TREE_SHA256, isEmptyTree, isSha } from './values/sha.js';
export { requireRefName } from './values/ref-name.js';
export { parseSource, type Source } from './values/source.js';
export { commitWip, type Identity, type WipCommit, type WipCommitRequest } from './capture/commit-wip.js';
export { checkWorktree } from './mirror/check-worktree.js';
export { createRepository } from './mirror/create-repository.js';
export { createWorktree } from './mirror/create-worktree.js';
export type { CreatedWorktree } from './mirror/make-repository.js';
export { ensureMirror, fetchMirror, type Mirror, type MirrorRequest } from './mirror/ensure-mirror.js';
export type { Credentials, NetworkOptions } from './remote/network.js';
export { removeFolder } from './mirror/remove-folder.js';
export { removeWorktree } from './mirror/remove-worktree.js';
export { askCredentialHelper } from './remote/ask-credential-helper.js';
export { judgeFailure, mayTryOtherForm, type RestoreFailure } from './restore/judge-failure.js';
export { bestFirst, restoreFromAny, type FailedForm, type FromAny } from './restore/restore-from-any.js';
export { previewRestore, type ChangedFile } from './restore/preview-restore.js';
export type { ProofRequest, RestorePatch } from './restore/prove-tree.js';
export { restorePaths, type RestoredPaths } from './restore/restore-paths.js';
export { restoreWorktree, type Restored, type RestoreRequest } from './restore/restore-worktree.js';
