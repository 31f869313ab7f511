import { v7 as uuidv7 } from 'uuid';
import type { NewCheckpoint, NewPatch } from '#database';
import type { VerifiedCheckpoint } from './verify-checkpoint.js';

/** The rows of one checkpoint. */
export interface CheckpointRows {
  checkpoint: NewCheckpoint;
  patch: NewPatch | null;
}

/** Pure but for the new ids: a verified checkpoint as rows. */
export function checkpointRows(
  { event, patch, contentSha256 }: VerifiedCheckpoint,
  place: { number: number; superseded: boolean },
): CheckpointRows {
  const id = uuidv7();
  const patchId = patch && uuidv7();
  return {
    checkpoint: {
      id,
      taskId: event.taskId,
      eventId: event.eventId,
      contentSha256,
      daemonId: event.daemonId,
      attempt: event.attempt,
      sequence: event.sequence,
      number: place.number,
      kind: event.kind,
      message: event.message,
      commitSha: event.commitSha ?? null,
      branchName: event.branchName ?? null,
      treeSha: event.treeSha!,
      baseReachable: event.baseReachable ?? null,
      filesChanged: event.filesChanged ?? null,
      linesAdded: event.linesAdded ?? null,
      linesRemoved: event.linesRemoved ?? null,
      omissions: event.omissions ?? [],
      omissionsCount: event.omissionsCount ?? event.omissions?.length ?? 0,
      patchId,
      patchAbsentReason: patch ? null : (event.patchAbsentReason ?? null),
      superseded: place.superseded,
      capturedAt: new Date(event.capturedAt),
    },
    patch: patch && {
      id: patchId!,
      taskId: event.taskId,
      checkpointId: id,
      format: event.patchFormat!,
      baseCommitSha: event.patchBaseSha!,
      treeSha: event.treeSha!,
      sha256: event.patchSha256!,
      patchData: patch.data,
      uncompressedSizeBytes: patch.uncompressedSizeBytes,
      filesCount: event.patchFilesCount!,
      ttlHours: event.patchTtlHours!,
    },
  };
}
