/** What decides about an attempt: the task's current one and who holds the attempt that is asked about. */
export interface AttemptFacts {
  /** The task's newest attempt. */
  currentAttempt: number;
  /**
   * The daemon that holds, or held, the attempt that is asked about; null: nobody claimed it. Undefined where
   * it was not looked up who held an older attempt, since nobody may speak for one there.
   */
  holderId: string | null | undefined;
}

/**
 * - `current`: it speaks for the attempt that counts
 * - `superseded`: it held an older attempt; what it has is kept, and never what a resume picks
 * - `never-spawned`: there was no such attempt
 * - `held-by-other`: the attempt is another daemon's, or nobody's
 */
export type Standing = 'current' | 'superseded' | 'never-spawned' | 'held-by-other';

/**
 * Pure: may this daemon speak for this attempt? The fence of every claim, report, checkpoint and question;
 * each of them says what it does with the answer.
 */
export function standing(
  { currentAttempt, holderId }: AttemptFacts,
  asking: { attempt: number; daemonId: string },
): Standing {
  if (asking.attempt > currentAttempt) return 'never-spawned';
  const isOlder = asking.attempt < currentAttempt;
  if (isOlder && holderId === undefined) return 'superseded';
  if (holderId !== asking.daemonId) return 'held-by-other';
  return isOlder ? 'superseded' : 'current';
}

/** Pure: {@link standing} by a task's row alone, which knows the holder of its newest attempt. */
export function standingOf(
  task: { attempt: number; daemonId: string | null },
  asking: { attempt: number; daemonId: string },
): Standing {
  const holderId = asking.attempt === task.attempt ? task.daemonId : undefined;
  return standing({ currentAttempt: task.attempt, holderId }, asking);
}
