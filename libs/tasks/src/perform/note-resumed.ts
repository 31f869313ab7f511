import type { Logger } from '@nestjs/common';
import type { Task } from '#database';
import type { SpawnCheckpoint } from '../messages/checkpoint-to-restore.js';
import { tasksResumed } from './metrics.js';

/** Counts and logs a committed resume. */
export function noteResumed(
  logger: Logger,
  task: Task,
  checkpoint: SpawnCheckpoint | null,
  by: 'request' | 'janitor',
): void {
  tasksResumed.inc({ patch: checkpoint ? 'yes' : 'no', by });
  const { id: taskId, attempt } = task;
  logger.log({ msg: 'task resumed', by, taskId, attempt, checkpointNumber: checkpoint?.number });
}
