import type { EntityManager } from 'typeorm';
import { ContractError } from '#contracts';
import { findVisibleTasks, type Viewer } from '#database';

/**
 * For an id that a caller chose for a new task, and that is taken.
 *
 * @throws ContractError `EVENT_CONFLICT`, and nothing of the task, when the caller does not see it
 */
export async function requireVisible(manager: EntityManager, viewer: Viewer, taskId: string): Promise<void> {
  if ((await findVisibleTasks(manager, viewer, [taskId])).has(taskId)) return;
  throw new ContractError('EVENT_CONFLICT', `The id ${taskId} is taken. Choose a new one.`, 'id');
}
