/** What decides whether a lost or released task is resumed automatically now. */
export interface ResumeFacts {
  state: 'released' | 'lost';
  pool: string;
  /** Since its attempt ended. */
  endedForSeconds: number;
  /** Automatic resumes in a row that were lost again without a new checkpoint. */
  failedResumes: number;
  maxResumes: number;
  /** At least one daemon of the pool is alive. */
  hasLivingDaemon: boolean;
}

export type ResumePlan =
  | { plan: 'resume' }
  | { plan: 'wait'; seconds: number; reason: string }
  | { plan: 'give-up'; reason: string };

const BACKOFF_BASE_SECONDS = 10;
const BACKOFF_MAX_SECONDS = 600;

/** When to check again whether there is a daemon. */
const DAEMON_WAIT_SECONDS = 5;

/**
 * Pure. A task that was released, or lost for the first time since it last stored a checkpoint, is resumed at
 * once. Each resume that is lost without a new one doubles the wait, and after `maxResumes` of them the task
 * is given up. So a task that makes progress is never given up, and one that kills its machines does not
 * reach all of them.
 *
 * Without a living daemon no attempt is used up: in the meantime the dead one may come back and send what it
 * still has.
 */
export function planResume(facts: ResumeFacts): ResumePlan {
  const { state, pool, endedForSeconds, failedResumes, maxResumes, hasLivingDaemon } = facts;
  if (state === 'lost' && failedResumes >= maxResumes) {
    return {
      plan: 'give-up',
      reason: `Given up after ${failedResumes} automatic resumes in a row that stored no checkpoint. Find out why its daemons die, then resume it on request.`,
    };
  }
  const leftSeconds = state === 'lost' ? backoffSeconds(failedResumes) - endedForSeconds : 0;
  if (leftSeconds > 0) {
    return {
      plan: 'wait',
      seconds: leftSeconds,
      reason: `${failedResumes} automatic resume(s) in a row were lost without a new checkpoint. The next one starts ${backoffSeconds(failedResumes)} s after the last.`,
    };
  }
  if (!hasLivingDaemon) {
    return {
      plan: 'wait',
      seconds: DAEMON_WAIT_SECONDS,
      reason: `Waiting to be resumed: no daemon of pool "${pool}" is alive.`,
    };
  }
  return { plan: 'resume' };
}

function backoffSeconds(failedResumes: number): number {
  if (failedResumes === 0) return 0;
  return Math.min(BACKOFF_MAX_SECONDS, BACKOFF_BASE_SECONDS * 2 ** (failedResumes - 1));
}
