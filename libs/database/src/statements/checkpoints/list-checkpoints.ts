import { LessThan, type EntityManager } from 'typeorm';
import { TaskCheckpoint } from '../../entities/index.js';

export interface CheckpointFilter {
  /** Only checkpoints with a lower number than this: the last number of the page before. */
  before?: number;
  limit: number;
}

/** Checkpoints of a task by descending number: the most recently stored first. */
export function listCheckpoints(
  manager: EntityManager,
  taskId: string,
  { before, limit }: CheckpointFilter,
): Promise<TaskCheckpoint[]> {
  return manager.find(TaskCheckpoint, {
    where: { taskId, ...(before !== undefined && { number: LessThan(before) }) },
    order: { number: 'DESC' },
    take: limit,
  });
}

/** One checkpoint of a task, or null. */
export function findCheckpoint(
  manager: EntityManager,
  taskId: string,
  number: number,
): Promise<TaskCheckpoint | null> {
  return manager.findOneBy(TaskCheckpoint, { taskId, number });
}
