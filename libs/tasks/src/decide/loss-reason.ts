import type { CheckpointWithoutPatch } from '#database';

/** What a resume cannot restore, for people; null if it restores everything that was recorded. */
export function lossReason(
  restored: { number: number } | null,
  newer: CheckpointWithoutPatch | null,
): string | null {
  if (newer === null) return null;
  const cause = newer.patchAbsentReason ?? 'expired or deleted';
  const instead =
    restored === null ? 'No checkpoint can be restored' : `Checkpoint ${restored.number} is restored instead`;
  return `The newest checkpoint, ${newer.number}, has no patch (${cause}). ${instead}, unless its worktree still exists.`;
}
