import { refuse, type TaskRefusal } from './task-decision.js';
import type { TaskSnapshot } from './task-input.js';

/** Which daemon speaks, and for which attempt. */
export interface Speaker {
  daemonId: string;
  attempt: number;
}

/** The fence of a task: its newest attempt, and the daemon that holds it. */
export type Fence = Pick<TaskSnapshot, 'id' | 'attempt' | 'daemonId'>;

/**
 * - `current`: it speaks for the current attempt
 * - `superseded`: it held an older attempt; what it still delivers is kept, but never picked by a resume
 * - `never-spawned`: there was no such attempt
 * - `held-by-other`: the attempt is or was held by another daemon, or by none
 */
export type Standing = 'current' | 'superseded' | 'never-spawned' | 'held-by-other';

/**
 * Pure: may this daemon speak for this attempt? The fence of every claim, report, checkpoint and request;
 * each decides what to do with the answer.
 *
 * @param formerHolderId the daemon that held the attempt in question, if it is an older one; null: none did
 */
export function standing(task: Fence, speaker: Speaker, formerHolderId: string | null): Standing {
  if (speaker.attempt > task.attempt) return 'never-spawned';
  const isOlder = speaker.attempt < task.attempt;
  const holderId = isOlder ? formerHolderId : task.daemonId;
  if (holderId !== speaker.daemonId) return 'held-by-other';
  return isOlder ? 'superseded' : 'current';
}

/** Pure: the answer to a daemon that may not speak for an attempt, with the field at fault. */
export function refuseSpeaker(
  stands: Exclude<Standing, 'current'>,
  task: Fence,
  { daemonId, attempt }: Speaker,
): TaskRefusal {
  const subject = `Attempt ${attempt} of task ${task.id}`;
  switch (stands) {
    case 'superseded':
      return refuse(
        'ATTEMPT_SUPERSEDED',
        `${subject} was superseded by attempt ${task.attempt}. Drop it.`,
        'attempt',
      );
    case 'never-spawned':
      return refuse(
        'TASK_STATE_CONFLICT',
        `${subject} was never spawned; the task is at attempt ${task.attempt}.`,
        'attempt',
      );
    case 'held-by-other':
      return refuse('IDENTITY_MISMATCH', `${subject} ${heldBy(task, daemonId, attempt)}`, 'daemonId');
  }
}

function heldBy(task: Fence, daemonId: string, attempt: number): string {
  if (attempt < task.attempt) {
    return `was never held by daemon "${daemonId}"; the task is at attempt ${task.attempt}.`;
  }
  const holder = task.daemonId === null ? 'no daemon' : `daemon "${task.daemonId}"`;
  return `is held by ${holder}, not by "${daemonId}". Claim an attempt before you report on it.`;
}
