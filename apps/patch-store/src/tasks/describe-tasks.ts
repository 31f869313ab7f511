import { Injectable } from '@nestjs/common';
import type { TaskPage, TaskView } from '#contracts';
import {
  Database,
  findTask,
  listRecoveries,
  listTasks,
  listUnconfirmedCaptures,
  type Task,
  type TaskFilter,
  type Viewer,
} from '#database';
import { taskNotFound } from '#tasks';
import { pageOf } from '../http/page.js';
import { taskSummary, taskView, type TaskSurroundings } from './task-view.js';

/** Shows tasks with what a resume could restore: three statements, for any number of tasks. */
@Injectable()
export class DescribeTasks {
  constructor(private readonly database: Database) {}

  async view(task: Task): Promise<TaskView> {
    const surroundings = await this.surroundings([task]);
    return taskView(task, surroundings(task));
  }

  /** @throws ContractError `TASK_NOT_FOUND` */
  async find(taskId: string): Promise<TaskView> {
    const task = await findTask(this.database.manager, taskId);
    if (!task) throw taskNotFound(taskId);
    return this.view(task);
  }

  /** Newest first. `nextCursor` is the next page's `before`. */
  async page(viewer: Viewer, filter: TaskFilter): Promise<TaskPage> {
    const rows = await listTasks(this.database.manager, viewer, { ...filter, limit: filter.limit + 1 });
    const { items, last, hasMore } = pageOf(rows, filter.limit);
    const surroundings = await this.surroundings(items);
    return {
      tasks: items.map((task) => taskSummary(task, surroundings(task))),
      nextCursor: hasMore ? last!.id : null,
    };
  }

  private async surroundings(
    tasks: readonly { id: string }[],
  ): Promise<(task: { id: string }) => TaskSurroundings> {
    const { manager } = this.database;
    const ids = tasks.map(({ id }) => id);
    const recoveries = await listRecoveries(manager, ids);
    const unconfirmed = await listUnconfirmedCaptures(manager, ids);
    return ({ id }) => ({ recovery: recoveries.get(id)!, unconfirmed: unconfirmed.get(id) });
  }
}
