import { ContractError, WATCH_RUNNER } from '#contracts';
import type { Task } from '#database';

/**
 * The rule for every task that watches a worktree: it belongs to the daemon that was started for that
 * worktree and to no other, not even if that one is lost. That daemon's id is its pool, which no other daemon
 * is in.
 *
 * @returns the resulting columns; none for any other task
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
      `daemonId: a task with runner "${WATCH_RUNNER}" must name the daemon that watches the worktree. Use \`patchpoint watch\`.`,
      'daemonId',
    );
  }
  return { pool: task.daemonId, autoResume: false };
}

/**
 * A watched worktree has no agent that could go on elsewhere.
 *
 * @throws ContractError `TASK_STATE_CONFLICT`
 */
export function refuseWatchedFork(task: Pick<Task, 'name' | 'runner'>): void {
  if (task.runner !== WATCH_RUNNER) return;
  throw new ContractError(
    'TASK_STATE_CONFLICT',
    `"${task.name}" is a watched worktree; there is no agent to fork. Get its files with \`patchpoint restore\`.`,
    'id',
  );
}

/**
 * A watched worktree cannot be moved: only its own daemon may continue it.
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
    `"${task.name}" is a watched worktree; there is no program to start elsewhere. ` +
      'Run `patchpoint watch` in it to continue, or `patchpoint restore` to get its files.',
    'daemonId',
  );
}
