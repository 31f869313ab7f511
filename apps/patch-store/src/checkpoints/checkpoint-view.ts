import type { CheckpointView } from '#contracts';
import type { TaskCheckpoint } from '#database';

/** Pure: a checkpoint as HTTP shows it, from its row. */
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
    modes: checkpoint.modes,
    baseReachable: checkpoint.baseReachable,
    filesChanged: checkpoint.filesChanged,
    linesAdded: checkpoint.linesAdded,
    linesRemoved: checkpoint.linesRemoved,
    omissions: checkpoint.omissions,
    omissionsCount: checkpoint.omissionsCount,
    secrets: checkpoint.secrets,
    hasPatch: checkpoint.patchId !== null || checkpoint.bundleId !== null,
    patchId: checkpoint.patchId,
    bundleId: checkpoint.bundleId,
    patchAbsentReason: checkpoint.patchAbsentReason,
    conversation: checkpoint.conversation,
    superseded: checkpoint.superseded,
    capturedAt: checkpoint.capturedAt.toISOString(),
    createdAt: checkpoint.createdAt.toISOString(),
  };
}
