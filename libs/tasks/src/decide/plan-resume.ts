/** What decides whether a lost or released task is resumed by itself now. */
export interface ResumeFacts {
  state: 'released' | 'lost';
  pool: string;
  /** Since its attempt ended. */
  endedForSeconds: number;
  /** Automatic resumes in a row that were lost again without a new checkpoint. */
  failedResumes: number;
  maxResumes: number;
  /** Some daemon of the pool lives. */
  hasLivingDaemon: boolean;
}

export type ResumePlan =
  | { plan: 'resume' }
  | { plan: 'wait'; seconds: number; reason: string }
  | { plan: 'give-up'; reason: string };

const BACKOFF_BASE_SECONDS = 10;
const BACKOFF_MAX_SECONDS = 600;

/** How soon it is looked again whether a daemon has come. */
const DAEMON_WAIT_SECONDS = 5;

/**
 * Pure. A task that was released, or lost for the first time since it last stored a checkpoint, goes on at
 * once. Each resume that is lost without one doubles the wait, and after `maxResumes` of them it is given up.
 * So a task that makes progress is never given up, and one that kills every machine it meets does not meet
 * all of them.
 *
 * Without a living daemon no attempt is spent: meanwhile the dead one may come back and send what it still
 * has.
 */
export function planResume(facts: ResumeFacts): ResumePlan {
  const { state, pool, endedForSeconds, failedResumes, maxResumes, hasLivingDaemon } = facts;
  if (state === 'lost' && failedResumes >= maxResumes) {
    return {
      plan: 'give-up',
      reason: `Given up after ${failedResumes} automatic resumes in a row that stored no checkpoint. Find out why its daemons die, then resume it by request.`,
    };
  }
  const leftSeconds = state === 'lost' ? backoffSeconds(failedResumes) - endedForSeconds : 0;
  if (leftSeconds > 0) {
    return {
      plan: 'wait',
      seconds: leftSeconds,
      reason: `${failedResumes} automatic resume(s) in a row were lost without a new checkpoint. The next follows ${backoffSeconds(failedResumes)} s after the last.`,
    };
  }
  if (!hasLivingDaemon) {
    return {
      plan: 'wait',
      seconds: DAEMON_WAIT_SECONDS,
      reason: `Waits to be resumed: no daemon of pool "${pool}" is alive.`,
    };
  }
  return { plan: 'resume' };
}

function backoffSeconds(failedResumes: number): number {
  if (failedResumes === 0) return 0;
  return Math.min(BACKOFF_MAX_SECONDS, BACKOFF_BASE_SECONDS * 2 ** (failedResumes - 1));
}
