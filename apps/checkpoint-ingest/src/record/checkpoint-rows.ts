import { v7 as uuidv7 } from 'uuid';
import type { Conversation } from '#contracts';
import type { NewCheckpoint, NewPatch } from '#database';
import type { VerifiedCheckpoint } from '../verify/verify-checkpoint.js';

/** The rows of one checkpoint. */
export interface CheckpointRows {
  checkpoint: NewCheckpoint;
  /** Its diff, its bundle, both, or none. */
  patches: NewPatch[];
}

/** Pure, except for the new ids: a verified checkpoint as rows. */
export function checkpointRows(
  verified: VerifiedCheckpoint,
  place: { number: number; superseded: boolean; conversation: Conversation | null },
): CheckpointRows {
  const { event, contentSha256 } = verified;
  const id = uuidv7();
  const patch = patchRow(verified, id);
  const bundle = bundleRow(verified, id);
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
      modes: event.modes ?? null,
      baseReachable: event.baseReachable ?? null,
      filesChanged: event.filesChanged ?? null,
      linesAdded: event.linesAdded ?? null,
      linesRemoved: event.linesRemoved ?? null,
      omissions: event.omissions ?? [],
      omissionsCount: event.omissionsCount ?? event.omissions?.length ?? 0,
      secrets: event.secrets ?? [],
      patchId: patch?.id ?? null,
      bundleId: bundle?.id ?? null,
      patchAbsentReason: patch ? null : (event.patchAbsentReason ?? null),
      conversation: place.conversation,
      superseded: place.superseded,
      capturedAt: new Date(event.capturedAt),
    },
    patches: [patch, bundle].filter((row) => row !== null),
  };
}

function patchRow({ event, patch }: VerifiedCheckpoint, checkpointId: string): NewPatch | null {
  return (
    patch && {
      id: uuidv7(),
      taskId: event.taskId,
      checkpointId,
      format: 'git-diff',
      baseCommitSha: event.patchBaseSha!,
      treeSha: event.treeSha!,
      sha256: event.patchSha256!,
      patchData: patch.data,
      uncompressedSizeBytes: patch.uncompressedSizeBytes,
      filesCount: event.patchFilesCount!,
      ttlHours: event.patchTtlHours!,
    }
  );
}

function bundleRow({ event, bundle }: VerifiedCheckpoint, checkpointId: string): NewPatch | null {
  return (
    bundle && {
      id: uuidv7(),
      taskId: event.taskId,
      checkpointId,
      format: 'git-bundle',
      baseCommitSha: event.patchBaseSha!,
      treeSha: event.treeSha!,
      sha256: event.bundleSha256!,
      patchData: bundle,
      uncompressedSizeBytes: bundle.length,
      filesCount: event.patchFilesCount ?? event.filesChanged ?? 0,
      ttlHours: event.patchTtlHours!,
    }
  );
}
