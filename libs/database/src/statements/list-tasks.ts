import type { TaskState } from '#contracts';
import { LessThan, type EntityManager } from 'typeorm';
import { Task } from '../entities/index.js';

export interface TaskFilter {
  state?: TaskState;
  pool?: string;
  /** The daemon that claimed the current attempt. */
  daemonId?: string;
  /** Only tasks with a lower id than this: the last id of the page before. */
  before?: string;
  limit: number;
}

/** Tasks by descending id, which for UUIDv7 is the order of their creation, newest first. */
export function listTasks(manager: EntityManager, filter: TaskFilter): Promise<Task[]> {
  const { state, pool, daemonId, before, limit } = filter;
  return manager.find(Task, {
    where: {
      ...(state && { state }),
      ...(pool && { pool }),
      ...(daemonId && { daemonId }),
      ...(before && { id: LessThan(before) }),
    },
    order: { id: 'DESC' },
    take: limit,
  });
}
