import type { PatchFormat } from '#contracts';

/**
 * A stored patch of either format without its bytes, and the checkpoint that it belongs to (null: to none).
 */
export interface StoredPatch {
  id: string;
  taskId: string;
  checkpointId: string | null;
  checkpointNumber: number | null;
  checkpointAttempt: number | null;
  checkpointSequence: number | null;
  format: PatchFormat;
  baseCommitSha: string;
  treeSha: string;
  sha256: string;
  patchSizeBytes: number;
  uncompressedSizeBytes: number;
  filesCount: number;
  createdAt: Date;
  expiresAt: Date;
  /** It has expired; it can be read until it is deleted. */
  isExpired: boolean;
}

/**
 * The columns of {@link StoredPatch}, from `p` and `c` of {@link PATCHES_WITH_CHECKPOINTS}. Never the blob.
 */
export const PATCH_COLUMNS = `
  p.id, p.task_id AS "taskId", c.id AS "checkpointId", c.number AS "checkpointNumber",
  c.attempt AS "checkpointAttempt", c.sequence AS "checkpointSequence", p.format,
  p.base_commit_sha AS "baseCommitSha", p.tree_sha AS "treeSha", encode(p.sha256, 'hex') AS sha256,
  p.patch_size_bytes AS "patchSizeBytes", p.uncompressed_size_bytes AS "uncompressedSizeBytes",
  p.files_count AS "filesCount", p.created_at AS "createdAt", p.expires_at AS "expiresAt",
  p.expires_at <= now() AS "isExpired"`;

export const PATCHES_WITH_CHECKPOINTS =
  'checkpoint_patches p LEFT JOIN task_checkpoints c ON c.id = p.checkpoint_id';

/**
 * What "newest" means: highest (attempt, sequence) of the checkpoint, never a clock; `number` decides between
 * two to which a daemon gave the same sequence. A patch without a checkpoint has no place in that order and
 * comes last.
 */
export const NEWEST_FIRST = `c.attempt DESC NULLS LAST, c.sequence DESC NULLS LAST, c.number DESC NULLS LAST,
  p.created_at DESC, p.id DESC`;

/**
 * States in which a task is finished: it is not expected to be resumed, so that its last patch may expire.
 */
export const FINISHED_STATES = `('completed', 'failed', 'stopped')`;
