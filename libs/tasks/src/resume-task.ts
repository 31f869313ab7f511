import { Injectable, Logger } from '@nestjs/common';
import { latestRestorablePatch, type LatestRestorable, type Task } from '#database';
import { isHolderAlive } from './is-holder-alive.js';
import { lossReason } from './loss-reason.js';
import { tasksResumed } from './metrics.js';
import { readSpawnCheckpoint } from './spawn-checkpoint.js';
import { TaskSteps } from './task-steps.js';
import { requireOwnWatcher } from './watched-task.js';

export interface ResumeRequest {
  /** Only this daemon may take the new attempt. Absent: any of the pool. */
  daemonId?: string;
  /** Default: the pool that the task is in. */
  pool?: string;
  /** Take the task away from a daemon that is alive. */
  force: boolean;
}

/** Sends a task out again, with the newest state of its worktree that can be restored. */
@Injectable()
export class ResumeTask {
  private readonly logger = new Logger(ResumeTask.name);

  constructor(private readonly steps: TaskSteps) {}

  /**
   * Each call is a new attempt: calling it twice spawns twice, and the first of the two is superseded.
   *
   * @throws ContractError `TASK_NOT_FOUND`; `TASK_STATE_CONFLICT` when the task is held by a daemon that is alive, or watches
   *   a worktree of another daemon than the one that is asked for
   */
  async resume(taskId: string, { daemonId, pool, force }: ResumeRequest): Promise<Task> {
    let chosen: LatestRestorable | undefined;
    const task = await this.steps.take(taskId, async (task, manager) => {
      requireOwnWatcher(task, { daemonId, pool });
      chosen = await latestRestorablePatch(manager, taskId);
      const checkpoint = await readSpawnCheckpoint(manager, chosen);
      return {
        input: { type: 'spawn-requested', holderAlive: await isHolderAlive(manager, task), force },
        columns: {
          pool: pool ?? task.pool,
          requestedDaemonId: daemonId ?? null,
          stateReason: lossReason(checkpoint, chosen.newerWithoutPatch),
        },
        resume: { checkpoint },
      };
    });
    tasksResumed.inc({ patch: chosen?.checkpoint ? 'yes' : 'no' });
    this.logger.log({
      msg: 'task resumed',
      taskId,
      attempt: task.attempt,
      checkpointNumber: chosen?.checkpoint?.number,
    });
    return task;
  }
}
