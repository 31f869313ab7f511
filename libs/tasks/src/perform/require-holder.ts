import type { EntityManager } from 'typeorm';
import { findTask, type Task } from '#database';
import { refuseSpeaker, standing } from '../decide/standing.js';
import { refusalError } from '../decide/task-decision.js';
import { findFormerHolder, newestAttemptOf } from './former-holder.js';
import { taskNotFound } from './task-not-found.js';

/**
 * The task that a daemon asks about. A daemon only gets answers about the attempt that it holds.
 *
 * @param asking without an attempt, as sent by older versions: the newest attempt that the daemon holds
 * @throws ContractError `TASK_NOT_FOUND`, `ATTEMPT_SUPERSEDED`, `TASK_STATE_CONFLICT` or `IDENTITY_MISMATCH`
 */
export async function requireHolder(
  manager: EntityManager,
  taskId: string,
  asking: { daemonId: string; attempt?: number },
): Promise<Task> {
  const task = await findTask(manager, taskId);
  if (!task) throw taskNotFound(taskId);
  const { daemonId, attempt = await newestAttemptOf(manager, task, daemonId) } = asking;
  const stands = standing(task, { daemonId, attempt }, await findFormerHolder(manager, task, attempt));
  if (stands === 'current') return task;
  throw refusalError(refuseSpeaker(stands, task, { daemonId, attempt }));
}
