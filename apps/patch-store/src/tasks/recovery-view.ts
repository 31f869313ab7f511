import type { LossReason, NewestCheckpointView, RecoveryView } from '#contracts';
import type { NewestCheckpoint, TaskRecovery } from '#database';

/** Pure: what a resume would restore, as HTTP shows it. */
export function recoveryView({ newest, restorableNumber }: TaskRecovery): RecoveryView {
  return {
    newestCheckpoint: newest && newestCheckpointView(newest),
    restorableCheckpointNumber: restorableNumber,
    notNewestBecause: lossReason(newest, restorableNumber),
  };
}

function lossReason(newest: NewestCheckpoint | null, restorableNumber: number | null): LossReason | null {
  if (!newest) return 'no-checkpoint';
  if (newest.number === restorableNumber) return null;
  return newest.patchAbsentReason ?? 'expired';
}

function newestCheckpointView(checkpoint: NewestCheckpoint): NewestCheckpointView {
  return {
    number: checkpoint.number,
    attempt: checkpoint.attempt,
    kind: checkpoint.kind,
    message: checkpoint.message,
    isClean: checkpoint.filesChanged === null ? null : checkpoint.filesChanged === 0,
    baseReachable: checkpoint.baseReachable,
    filesChanged: checkpoint.filesChanged,
    linesAdded: checkpoint.linesAdded,
    linesRemoved: checkpoint.linesRemoved,
    omissionsCount: checkpoint.omissionsCount,
    createdAt: checkpoint.createdAt.toISOString(),
    ageSeconds: checkpoint.ageSeconds,
  };
}
