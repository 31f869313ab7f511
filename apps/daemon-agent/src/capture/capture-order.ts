import { answersUndo, type CheckpointKind } from '#contracts';

/** Why a checkpoint is made. */
export interface CaptureOrder {
  kind: CheckpointKind;
  /** The message of a manual checkpoint, or of an undo. */
  message?: string;
}

/** Whether there is a checkpoint though nothing has changed: the end of an attempt, the answer to an undo. */
export function isAlwaysMade(order: CaptureOrder): boolean {
  return order.kind === 'final' || answersUndo(order);
}
