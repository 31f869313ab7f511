import { ContractError } from '#contracts';
import type { Task } from '#database';
import { standingOf } from './standing.js';

/**
 * A daemon is answered for the attempt that it holds, and for no other.
 *
 * @param asking without an attempt: a daemon of an older version, which means the one that it holds
 * @throws ContractError `ATTEMPT_SUPERSEDED`, `TASK_STATE_CONFLICT` or `IDENTITY_MISMATCH`
 */
export function requireHolder(
  task: Pick<Task, 'id' | 'attempt' | 'daemonId'>,
  asking: { attempt?: number; daemonId: string },
): void {
  const { daemonId, attempt = task.attempt } = asking;
  switch (standingOf(task, { attempt, daemonId })) {
    case 'current':
      return;
    case 'superseded':
      throw new ContractError(
        'ATTEMPT_SUPERSEDED',
        `Attempt ${attempt} was superseded by attempt ${task.attempt}. Drop it.`,
        'attempt',
      );
    case 'never-spawned':
      throw new ContractError(
        'TASK_STATE_CONFLICT',
        `Attempt ${attempt} was never spawned; the task is at attempt ${task.attempt}.`,
        'attempt',
      );
    case 'held-by-other':
      throw new ContractError(
        'IDENTITY_MISMATCH',
        `Attempt ${attempt} of task ${task.id} is not held by daemon "${daemonId}". Claim it first.`,
        'daemonId',
      );
  }
}
