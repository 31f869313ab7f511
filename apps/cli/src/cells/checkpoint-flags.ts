import type { CheckpointView } from '#contracts';
import { count } from '../output/format.js';
import type { Paint } from '../output/paint.js';

type Flagged = Pick<
  CheckpointView,
  'superseded' | 'omissionsCount' | 'baseReachable' | 'patchId' | 'bundleId' | 'patchAbsentReason'
>;

/** Pure: what a person should know about a checkpoint before relying on it, the worst first. */
export function checkpointFlags(checkpoint: Flagged, paint: Paint): string[] {
  const flags: string[] = [];
  if (checkpoint.patchId === null && checkpoint.bundleId === null) {
    flags.push(paint('red', `no patch (${checkpoint.patchAbsentReason ?? 'expired or deleted'})`));
  }
  if (checkpoint.superseded) flags.push(paint('yellow', 'superseded'));
  if (checkpoint.baseReachable === false) flags.push(paint('yellow', 'base not pushed'));
  if (checkpoint.omissionsCount > 0)
    flags.push(paint('yellow', count(checkpoint.omissionsCount, 'omission')));
  if (checkpoint.bundleId !== null) flags.push(paint('dim', 'commits kept'));
  return flags;
}

/** Pure: `+12 −3`, or nothing if lines were not counted. */
export function lines(
  { linesAdded, linesRemoved }: Pick<CheckpointView, 'linesAdded' | 'linesRemoved'>,
  paint: Paint,
): string {
  if (linesAdded === null || linesRemoved === null) return '';
  return `${paint('green', `+${linesAdded}`)} ${paint('red', `−${linesRemoved}`)}`;
}
