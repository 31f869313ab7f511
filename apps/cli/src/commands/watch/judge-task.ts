import type { TaskView } from '#contracts';

/** The attempt under which this watch has captured so far. */
export interface OwnAttempt {
  attempt: number;
  /** The newest that was asked for; it may never have reached this machine. */
  askedFor: number;
  /** The server of before gave it. False: none did, and its number means nothing. */
  isClaimed: boolean;
  /** It had not ended when the server was lost. */
  wasRunning: boolean;
}

/**
 * - `create`: the server has no such task
 * - `resume`: a new attempt begins. With `isUnknown`, the server never gave the one that was captured under
 * - `go-on`: the attempt is still the current one, and its daemon still runs it
 * - `over`: somebody decided otherwise meanwhile
 */
export type TaskVerdict =
  | { to: 'create' }
  | { to: 'resume'; known: TaskView; isUnknown: boolean }
  | { to: 'go-on' }
  | { to: 'over'; reason: string };

/**
 * Pure: what a watch does with a server that answers again, or for the first time.
 *
 * @param own undefined: this watch has captured nothing yet
 * @param isSameProcess the daemon is the one that runs the attempt
 */
export function judgeTask(
  known: TaskView | undefined,
  own: OwnAttempt | undefined,
  isSameProcess: boolean,
): TaskVerdict {
  if (known === undefined) return { to: 'create' };
  if (own === undefined || !own.isClaimed) return { to: 'resume', known, isUnknown: own !== undefined };
  if (known.attempt > Math.max(own.attempt, own.askedFor)) {
    return { to: 'over', reason: `Attempt ${known.attempt} has taken over.` };
  }
  if (known.attempt < own.attempt) return { to: 'resume', known, isUnknown: true };
  if (!own.wasRunning) return { to: 'resume', known, isUnknown: false };
  if (STOPPED.has(known.state)) return { to: 'over', reason: `The task is ${known.state}.` };
  return isSameProcess ? { to: 'go-on' } : { to: 'resume', known, isUnknown: false };
}

/** Ends that this watch has not reported. A task that is only lost is taken back. */
const STOPPED: ReadonlySet<string> = new Set(['stopped', 'completed']);
