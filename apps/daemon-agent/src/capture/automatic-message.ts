import type { CheckpointKind } from '#contracts';

/** Pure: the message of a checkpoint for which nobody gave one. */
export function automaticMessage(kind: CheckpointKind, now: Date): string {
  const time = `${now.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
  return `[WIP] ${TITLES[kind]} checkpoint - ${time}`;
}

const TITLES: Readonly<Record<CheckpointKind, string>> = {
  heartbeat: 'Heartbeat',
  manual: 'Manual',
  final: 'Final',
  turn: 'Turn',
  'pre-compact': 'Pre-compact',
  'before-command': 'Before-command',
  undo: 'Before-undo',
};
