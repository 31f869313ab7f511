import { ContractError, type CheckpointCreated } from '#contracts';
import type { AttemptHolder, LockedTask, RecordedEvent } from '#database';
import { refusalError, refuseSpeaker, standing } from '#tasks';
import type { VerifiedCheckpoint } from '../verify/verify-checkpoint.js';

/** What to do with one checkpoint. */
export type Decision =
  /** Store it under this number. */
  | { readonly kind: 'store'; readonly number: number; readonly superseded: boolean }
  /** It was stored by an earlier transaction: announce it again. */
  | { readonly kind: 'repeat'; readonly recorded: RecordedEvent }
  /** It came twice in this batch, and the first, at that index, is stored. */
  | { readonly kind: 'same-as'; readonly index: number }
  /** It can never be stored. */
  | { readonly kind: 'refuse'; readonly error: ContractError };

/**
 * Decides about the checkpoints of one transaction, in their order. Pure: the caller holds the locks of the
 * tasks.
 *
 * Numbers continue from each task's counter, without gaps: only a checkpoint that is stored gets one.
 *
 * @param tasks those of the checkpoints that exist
 * @param holders who held older attempts of these tasks
 * @param recorded those of their events that are already stored
 * @returns one decision for each checkpoint, in their order
 */
export function decideCheckpoints(
  checkpoints: readonly VerifiedCheckpoint[],
  tasks: readonly LockedTask[],
  holders: readonly AttemptHolder[],
  recorded: readonly RecordedEvent[],
): Decision[] {
  const taskOf = new Map(tasks.map((task) => [task.id, task]));
  const recordedOf = new Map(recorded.map((row) => [row.eventId, row]));
  const lastNumber = new Map(tasks.map((task) => [task.id, task.lastCheckpointNumber]));
  const stored = new Map<string, number>();

  return checkpoints.map((checkpoint, index): Decision => {
    const { taskId } = checkpoint.event;
    // As Postgres gives it back: a UUID may be written in capitals, too.
    const eventId = checkpoint.event.eventId.toLowerCase();
    const earlier = recordedOf.get(eventId);
    if (earlier) return repetition(checkpoint, earlier.contentSha256, { kind: 'repeat', recorded: earlier });

    const twin = stored.get(eventId);
    if (twin !== undefined) {
      return repetition(checkpoint, checkpoints[twin]!.contentSha256, { kind: 'same-as', index: twin });
    }

    const judged = judgeSpeaker(checkpoint, taskOf.get(taskId), holders);
    if ('error' in judged) return { kind: 'refuse', error: judged.error };

    const number = lastNumber.get(taskId)! + 1;
    lastNumber.set(taskId, number);
    stored.set(eventId, index);
    return { kind: 'store', number, superseded: judged.superseded };
  });
}

function repetition(checkpoint: VerifiedCheckpoint, otherSha256: string, decision: Decision): Decision {
  if (checkpoint.contentSha256 === otherSha256) return decision;
  return { kind: 'refuse', error: eventConflict(checkpoint.event) };
}

export function eventConflict({ eventId, taskId }: CheckpointCreated): ContractError {
  return new ContractError(
    'EVENT_CONFLICT',
    `Event ${eventId} of task ${taskId} was stored before with different content. A new checkpoint needs its own eventId.`,
    'eventId',
  );
}

/**
 * Who may record for an attempt: the daemon that claimed it. The daemon of an older attempt may still deliver
 * its checkpoints, but a resume never picks them.
 */
function judgeSpeaker(
  { event }: VerifiedCheckpoint,
  task: LockedTask | undefined,
  holders: readonly AttemptHolder[],
): { superseded: boolean } | { error: ContractError } {
  const { taskId, attempt } = event;
  if (!task) {
    const message = `There is no task ${taskId}: it was never created, or deleted.`;
    return { error: new ContractError('TASK_NOT_FOUND', message, 'taskId') };
  }
  const stands = standing(task, event, holderOf(taskId, attempt, holders));
  if (stands === 'current' || stands === 'superseded') return { superseded: stands === 'superseded' };
  return { error: refusalError(refuseSpeaker(stands, task, event)) };
}

function holderOf(taskId: string, attempt: number, holders: readonly AttemptHolder[]): string | null {
  return holders.find((held) => held.taskId === taskId && held.attempt === attempt)?.daemonId ?? null;
}
