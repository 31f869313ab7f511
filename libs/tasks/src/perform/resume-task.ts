import { Injectable, Logger } from '@nestjs/common';
import type { Task } from '#database';
import type { SpawnCheckpoint } from '../messages/checkpoint-to-restore.js';
import { chooseCheckpoint } from './choose-checkpoint.js';
import { DaemonRegistry } from './daemon-registry.js';
import { noteResumed } from './note-resumed.js';
import { TaskSteps } from './task-steps.js';
import { requireOwnWatcher } from '../decide/watched-task.js';

export interface ResumeRequest {
  /** Only this daemon may take the new attempt. Absent: any of the pool. */
  daemonId?: string;
  /** Default: the pool that the task is in. */
  pool?: string;
  /** Where the source is from now on. Default: where the task has it. */
  repoUrl?: string;
  /** Take the task from a daemon that is alive. */
  force: boolean;
}

/** Spawns a task again, with the newest state of its worktree that can be restored. */
@Injectable()
export class ResumeTask {
  private readonly logger = new Logger(ResumeTask.name);

  constructor(
    private readonly steps: TaskSteps,
    private readonly daemons: DaemonRegistry,
  ) {}

  /**
   * Each call is a new attempt: calling it twice spawns twice, and the first of the two is superseded.
   *
   * @throws ContractError `TASK_NOT_FOUND`; `TASK_STATE_CONFLICT` when the task is held by a daemon that is
   *   alive, or is a watched worktree and another daemon is named
   */
  async resume(taskId: string, { daemonId, pool, repoUrl, force }: ResumeRequest): Promise<Task> {
    let checkpoint: SpawnCheckpoint | null = null;
    const task = await this.steps.take(taskId, async (task, manager) => {
      requireOwnWatcher(task, { daemonId, pool });
      const chosen = await chooseCheckpoint(manager, taskId);
      ({ checkpoint } = chosen);
      const holderAlive = await this.daemons.isHolderAlive(manager, task);
      return {
        input: { type: 'spawn-requested', holderAlive, force },
        columns: {
          pool: pool ?? task.pool,
          repoUrl: repoUrl ?? task.repoUrl,
          requestedDaemonId: daemonId ?? null,
          stateReason: chosen.loss,
        },
        resume: chosen,
      };
    });
    noteResumed(this.logger, task, checkpoint, 'request');
    return task;
  }
}
