import { ContractError, WATCH_RUNNER } from '#contracts';
import type { Task } from '#database';

/**
 * What holds for every task that watches a worktree: it belongs to the daemon that was started for that
 * worktree and to no other, not even when that one is lost. That daemon's id is its pool, which nobody else
 * is in.
 *
 * @returns the columns that follow; none for any other task
 * @throws ContractError `FIELD_INVALID` when no daemon is named
 */
export function watchedTaskColumns(task: {
  runner: string;
  daemonId?: string;
}): Partial<Pick<Task, 'pool' | 'autoResume'>> {
  if (task.runner !== WATCH_RUNNER) return {};
  if (task.daemonId === undefined) {
    throw new ContractError(
      'FIELD_INVALID',
      `daemonId: a task with runner "${WATCH_RUNNER}" names the daemon that watches the worktree. Use \`patchpoint watch\`.`,
      'daemonId',
    );
  }
  return { pool: task.daemonId, autoResume: false };
}

/**
 * A watched worktree is where it is: only its own daemon may go on with it.
 *
 * @throws ContractError `TASK_STATE_CONFLICT`
 */
export function requireOwnWatcher(
  task: Pick<Task, 'name' | 'runner' | 'pool'>,
  request: { daemonId?: string; pool?: string },
): void {
  if (task.runner !== WATCH_RUNNER) return;
  if (request.daemonId === task.pool && (request.pool ?? task.pool) === task.pool) return;
  throw new ContractError(
    'TASK_STATE_CONFLICT',
    `"${task.name}" is a watched worktree, with no program to start elsewhere. ` +
      'Run `patchpoint watch` in it to go on, or `patchpoint restore` to get its files.',
    'daemonId',
  );
}
