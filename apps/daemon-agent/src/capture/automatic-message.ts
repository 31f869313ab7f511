import type { CheckpointKind } from '#contracts';

/** Pure: the message of a checkpoint for which nobody gave one. */
export function automaticMessage(kind: CheckpointKind, now: Date): string {
  const time = `${now.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
  return kind === 'final' ? `[WIP] Final checkpoint - ${time}` : `[WIP] Heartbeat checkpoint - ${time}`;
}
