import type { EntityManager } from 'typeorm';
import { Task } from '../../entities/index.js';

/** A task, or null. */
export function findTask(manager: EntityManager, taskId: string): Promise<Task | null> {
  return manager.findOneBy(Task, { id: taskId });
}

/**
 * A task, locked until the transaction ends, or null. Hold the lock while you decide about the task's state
 * and write messages of it to the outbox. To lock several, use `lockTasks`, which cannot deadlock.
 */
export function lockTask(manager: EntityManager, taskId: string): Promise<Task | null> {
  return manager.findOne(Task, { where: { id: taskId }, lock: { mode: 'for_no_key_update' } });
}
