import { Injectable } from '@nestjs/common';
import type { Task } from '#database';
import { DaemonRegistry, TaskSteps } from '#tasks';

/** Ends a task on request. */
@Injectable()
export class StopTaskOnRequest {
  constructor(
    private readonly steps: TaskSteps,
    private readonly daemons: DaemonRegistry,
  ) {}

  /**
   * Orders the task's daemon to end the process; the task is `stopped` once the daemon reports that, or at
   * once if there is no daemon. Stopping a task that has ended is a no-op.
   *
   * @throws ContractError `TASK_NOT_FOUND`
   */
  stop(taskId: string, reason: string): Promise<Task> {
    return this.steps.take(taskId, async (task, manager) => ({
      input: { type: 'stop-requested', holderAlive: await this.daemons.isHolderAlive(manager, task), reason },
    }));
  }
}
