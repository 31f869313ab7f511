import type { EntityManager } from 'typeorm';
import { findDaemons, type Task } from '#database';

/** Whether the daemon that holds the task's current attempt was heard of lately. */
export async function isHolderAlive(manager: EntityManager, task: Task): Promise<boolean> {
  if (task.daemonId === null) return false;
  const [daemon] = await findDaemons(manager, { id: task.daemonId });
  return daemon?.isAlive ?? false;
}
