import type { ForkedFrom } from '#contracts';
import type { Task } from '#database';

/** Pure: where a task comes from, from its row; null: it is no fork. */
export function forkedFrom(
  task: Pick<Task, 'forkedFromTaskId' | 'forkedFromCheckpointNumber'>,
): ForkedFrom | null {
  const { forkedFromTaskId: taskId, forkedFromCheckpointNumber: checkpointNumber } = task;
  return taskId === null || checkpointNumber === null ? null : { taskId, checkpointNumber };
}
