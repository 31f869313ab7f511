import type { PatchInfo } from '#contracts';
import type { StoredPatch } from '#database';

/** A stored patch as shown over both HTTP and NATS: without its bytes. */
export function patchInfo(patch: StoredPatch): PatchInfo {
  return {
    id: patch.id,
    taskId: patch.taskId,
    checkpointId: patch.checkpointId ?? undefined,
    checkpointNumber: patch.checkpointNumber ?? undefined,
    format: patch.format,
    baseCommitSha: patch.baseCommitSha,
    treeSha: patch.treeSha,
    sha256: patch.sha256,
    patchSizeBytes: patch.patchSizeBytes,
    uncompressedSizeBytes: patch.uncompressedSizeBytes,
    filesCount: patch.filesCount,
    createdAt: patch.createdAt.toISOString(),
    expiresAt: patch.expiresAt.toISOString(),
  };
}
