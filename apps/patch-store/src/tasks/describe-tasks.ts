import { Injectable } from '@nestjs/common';
import { Database, findTask, listRecoveries, listTasks, type Task, type TaskFilter } from '#database';
import { taskNotFound } from '#tasks';
import { pageOf } from '../http/page.js';
import { taskSummary, taskView, type TaskPage, type TaskView } from './task.view.js';

/** Shows tasks with what could be recovered of them: two statements, however many tasks. */
@Injectable()
export class DescribeTasks {
  constructor(private readonly database: Database) {}

  async view(task: Task): Promise<TaskView> {
    const recoveries = await listRecoveries(this.database.manager, [task.id]);
    return taskView(task, recoveries.get(task.id)!);
  }

  /** @throws ContractError `TASK_NOT_FOUND` */
  async find(taskId: string): Promise<TaskView> {
    const task = await findTask(this.database.manager, taskId);
    if (!task) throw taskNotFound(taskId);
    return this.view(task);
  }

  /** Newest first. `nextCursor` is the next page's `before`. */
  async page(filter: TaskFilter): Promise<TaskPage> {
    const rows = await listTasks(this.database.manager, { ...filter, limit: filter.limit + 1 });
    const { items, last, hasMore } = pageOf(rows, filter.limit);
    const recoveries = await listRecoveries(
      this.database.manager,
      items.map(({ id }) => id),
    );
    return {
      tasks: items.map((task) => taskSummary(task, recoveries.get(task.id)!)),
      nextCursor: hasMore ? last!.id : null,
    };
  }
}
