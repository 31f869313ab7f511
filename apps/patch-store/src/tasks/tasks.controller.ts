import type { ServerResponse } from 'node:http';
import { Body, Controller, Get, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common';
import { Database, findTask, listTasks } from '#database';
import { ResumeTask, taskNotFound } from '#tasks';
import { IdPipe } from '../http/contract.pipe.js';
import { answerCreated } from '../http/created.js';
import { pageOf } from '../http/page.js';
import { ChangeHistory } from './change-history.js';
import { CommandDaemon } from './command-daemon.js';
import { CreateTask } from './create-task.js';
import { StopTaskOnRequest } from './stop-task.js';
import {
  CleanupWorktreeBody,
  ConversationHistoryBody,
  CreateTaskBody,
  ListTasksQuery,
  ResumeTaskBody,
  StopTaskBody,
} from './task.bodies.js';
import { taskSummary, taskView, type TaskSummary, type TaskView } from './task.view.js';

@Controller('v1/tasks')
export class TasksController {
  constructor(
    private readonly database: Database,
    private readonly createTask: CreateTask,
    private readonly resumeTask: ResumeTask,
    private readonly stopTask: StopTaskOnRequest,
    private readonly history: ChangeHistory,
    private readonly daemon: CommandDaemon,
  ) {}

  /** 201 with the new task; 200 with the same one when it was created before under the same `id`. */
  @Post()
  async create(
    @Body() body: CreateTaskBody,
    @Res({ passthrough: true }) response: ServerResponse,
  ): Promise<TaskView> {
    const { task, isNew } = await this.createTask.create(body);
    answerCreated(response, isNew, `/v1/tasks/${task.id}`);
    return taskView(task);
  }

  /** Newest first, without their plans. */
  @Get()
  async list(@Query() query: ListTasksQuery): Promise<{ tasks: TaskSummary[]; nextCursor: string | null }> {
    const { state, pool, daemon, limit, cursor } = query;
    const rows = await listTasks(this.database.manager, {
      state,
      pool,
      daemonId: daemon,
      before: cursor,
      limit: limit + 1,
    });
    const { items, last, hasMore } = pageOf(rows, limit);
    return { tasks: items.map(taskSummary), nextCursor: hasMore ? last!.id : null };
  }

  @Get(':id')
  async get(@Param('id', IdPipe) id: string): Promise<TaskView> {
    const task = await findTask(this.database.manager, id);
    if (!task) throw taskNotFound(id);
    return taskView(task);
  }

  /** 202: the attempt is on its way; task events tell how it goes. */
  @Post(':id/resume')
  @HttpCode(202)
  async resume(@Param('id', IdPipe) id: string, @Body() body: ResumeTaskBody): Promise<TaskView> {
    return taskView(await this.resumeTask.resume(id, body));
  }

  /** 202 with the task, which is `stopped` already when no daemon has to be waited for. */
  @Post(':id/stop')
  @HttpCode(202)
  async stop(@Param('id', IdPipe) id: string, @Body() body: StopTaskBody): Promise<TaskView> {
    return taskView(await this.stopTask.stop(id, body.reason));
  }

  @Put(':id/conversation-history')
  @HttpCode(204)
  async putHistory(@Param('id', IdPipe) id: string, @Body() body: ConversationHistoryBody): Promise<void> {
    await this.history.replace(id, body.conversationHistory);
  }

  /** 202: the daemon removes the worktree, or says why not in its log. */
  @Post(':id/cleanup')
  @HttpCode(202)
  async cleanup(@Param('id', IdPipe) id: string, @Body() body: CleanupWorktreeBody): Promise<void> {
    await this.daemon.cleanupWorktree(id, body.force);
  }
}
