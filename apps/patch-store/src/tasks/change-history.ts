import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { JsonText } from '#contracts';
import { Database, lockTask, updateTask } from '#database';
import { spawnCommand, taskNotFound } from '#tasks';

/** Keeps the conversation that a resumed agent continues. */
@Injectable()
export class ChangeHistory {
  constructor(private readonly database: Database) {}

  /**
   * Replaces the history; the next resume will use it. May run twice.
   *
   * @throws ContractError `TASK_NOT_FOUND`, `FIELD_INVALID` when it does not fit in a SpawnTask
   */
  async replace(taskId: string, history: JsonText | null): Promise<void> {
    await this.database.transaction(async (manager) => {
      const task = await lockTask(manager, taskId);
      if (!task) throw taskNotFound(taskId);
      const conversationHistory = history?.text ?? null;
      // Refused here, where its author can shorten it, not by a resume in the middle of the night.
      spawnCommand(uuidv7(), { ...task, conversationHistory }, { checkpoint: null });
      await updateTask(manager, taskId, { conversationHistory });
    });
  }
}
