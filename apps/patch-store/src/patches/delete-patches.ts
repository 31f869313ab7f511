import { Injectable, Logger } from '@nestjs/common';
import { Database, deletePatchesOfTask, lockTask } from '#database';
import { taskNotFound } from '#tasks';

/** Deletes the patches of a task before they expire, on request. */
@Injectable()
export class DeletePatches {
  private readonly logger = new Logger(DeletePatches.name);

  constructor(private readonly database: Database) {}

  /**
   * Deletes all of them, including the newest; checkpoints stay. May run twice.
   *
   * @returns how many there were
   * @throws ContractError `TASK_NOT_FOUND`
   */
  async ofTask(taskId: string): Promise<number> {
    const deleted = await this.database.transaction(async (manager) => {
      if (!(await lockTask(manager, taskId))) throw taskNotFound(taskId);
      return deletePatchesOfTask(manager, taskId);
    });
    this.logger.log({ msg: 'patches deleted on request', taskId, count: deleted.length });
    return deleted.length;
  }
}
