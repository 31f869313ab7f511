import type { CheckpointKind, Omission, PatchAbsentReason } from '#contracts';
import type { TaskCheckpoint } from '#database';

/** A checkpoint as HTTP shows it. */
export interface CheckpointView {
  id: string;
  taskId: string;
  /** 1..n per task without gaps, in the order in which they were stored. */
  number: number;
  /** Of the CheckpointCreated that was stored. */
  eventId: string;
  daemonId: string;
  attempt: number;
  sequence: number;
  kind: CheckpointKind;
  message: string;
  commitSha: string | null;
  branchName: string | null;
  treeSha: string;
  baseReachable: boolean | null;
  filesChanged: number | null;
  linesAdded: number | null;
  linesRemoved: number | null;
  omissions: Omission[];
  omissionsCount: number;
  /** It can be restored: from a patch, a bundle, or both. */
  hasPatch: boolean;
  /** The readable diff. Null: there never was one, for `patchAbsentReason`, or it has expired or was deleted. */
  patchId: string | null;
  /** The git bundle. Null: there never was one, or it has expired or was deleted. */
  bundleId: string | null;
  patchAbsentReason: PatchAbsentReason | null;
  /** It came from an attempt that was no longer the current one: never what a resume picks. */
  superseded: boolean;
  /** By the daemon's clock. */
  capturedAt: string;
  /** By the database's clock. */
  createdAt: string;
}

export function checkpointView(checkpoint: TaskCheckpoint): CheckpointView {
  return {
    id: checkpoint.id,
    taskId: checkpoint.taskId,
    number: checkpoint.number,
    eventId: checkpoint.eventId,
    daemonId: checkpoint.daemonId,
    attempt: checkpoint.attempt,
    sequence: checkpoint.sequence,
    kind: checkpoint.kind,
    message: checkpoint.message,
    commitSha: checkpoint.commitSha,
    branchName: checkpoint.branchName,
    treeSha: checkpoint.treeSha,
    baseReachable: checkpoint.baseReachable,
    filesChanged: checkpoint.filesChanged,
    linesAdded: checkpoint.linesAdded,
    linesRemoved: checkpoint.linesRemoved,
    omissions: checkpoint.omissions,
    omissionsCount: checkpoint.omissionsCount,
    hasPatch: checkpoint.patchId !== null || checkpoint.bundleId !== null,
    patchId: checkpoint.patchId,
    bundleId: checkpoint.bundleId,
    patchAbsentReason: checkpoint.patchAbsentReason,
    superseded: checkpoint.superseded,
    capturedAt: checkpoint.capturedAt.toISOString(),
    createdAt: checkpoint.createdAt.toISOString(),
  };
}
