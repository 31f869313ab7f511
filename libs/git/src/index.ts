export {
  captureWorktree,
  type Capture,
  type CaptureRequest,
  type PatchAbsentReason,
} from './capture-worktree.js';
export { computeTreeSha } from './compute-tree-sha.js';
export { describeWorktree, type WorktreeDescription } from './describe-worktree.js';
export { findSource } from './find-source.js';
export type { OperationInProgress } from './operation-in-progress.js';
export type { BundleMode } from './decide-bundle.js';
export { GitError, redactCredentials, type GitErrorCode } from './git-error.js';
export { gunzipWithCeiling } from './gunzip-with-ceiling.js';
export type { Bundle } from './make-bundle.js';
export type { Patch } from './make-patch.js';
export type { Omission, OmissionReason } from './omission.js';
export { EMPTY_TREE_SHA1, EMPTY_TREE_SHA256, isEmptyTree, isSha } from './sha.js';
export { requireRefName } from './ref-name.js';
export { parseSource, type Source } from './source.js';
export { commitWip, type Identity, type WipCommit, type WipCommitRequest } from './commit-wip.js';
export { createRepository } from './create-repository.js';
export { createWorktree, type CreatedWorktree } from './create-worktree.js';
export { ensureMirror, fetchMirror, type Mirror, type MirrorRequest } from './ensure-mirror.js';
export type { Credentials, NetworkOptions } from './network.js';
export { removeWorktree } from './remove-worktree.js';
export { askCredentialHelper } from './ask-credential-helper.js';
export { previewRestore, type ChangedFile } from './preview-restore.js';
export type { ProofRequest, RestorePatch } from './prove-tree.js';
export { restorePaths, type RestoredPaths } from './restore-paths.js';
export { restoreWorktree, type Restored, type RestoreRequest } from './restore-worktree.js';
