import type { ServerResponse } from 'node:http';
import { Body, Controller, Get, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common';
import {
  CleanupWorktreeBody,
  ConversationHistoryBody,
  CreateTaskBody,
  ForkTaskBody,
  ListTasksQuery,
  ResumeTaskBody,
  StopTaskBody,
  UndoBody,
  type TaskPage,
  type TaskView,
} from '#contracts';
import { Database } from '#database';
import { ResumeTask } from '#tasks';
import { Asking, type Caller } from '../http/caller.js';
import { Confined } from '../http/confined.js';
import { IdPipe } from '../http/contract.pipe.js';
import { Needs } from '../http/needs.js';
import { answerCreated } from '../http/created.js';
import { ChangeHistory } from './change-history.js';
import { CommandDaemon } from './command-daemon.js';
import { CreateTask } from './create-task.js';
import { DescribeTasks } from './describe-tasks.js';
import { ForkTask } from './fork-task.js';
import { requirePlace } from './require-place.js';
import { requireAddress, requireTargetBranch } from './source.js';
import { StopTaskOnRequest } from './stop-task-on-request.js';

@Controller('v1/tasks')
export class TasksController {
  constructor(
    private readonly database: Database,
    private readonly describe: DescribeTasks,
    private readonly createTask: CreateTask,
    private readonly forkTask: ForkTask,
    private readonly resumeTask: ResumeTask,
    private readonly stopTask: StopTaskOnRequest,
    private readonly history: ChangeHistory,
    private readonly daemon: CommandDaemon,
  ) {}

  /** 201 with the new task; 200 with the same one if it was created before under the same `id`. */
  @Post()
  @Needs('operate')
  @Confined('by-handler')
  async create(
    @Body() body: CreateTaskBody,
    @Res({ passthrough: true }) response: ServerResponse,
    @Asking() caller: Caller,
  ): Promise<TaskView> {
    const { task, isNew } = await this.createTask.create(body, caller);
    answerCreated(response, isNew, `/v1/tasks/${task.id}`);
    return this.describe.view(task);
  }

  /** Newest first, without their plans. */
  @Get()
  @Needs('read')
  @Confined('by-handler')
  list(@Query() { daemon, cursor, ...filter }: ListTasksQuery, @Asking() caller: Caller): Promise<TaskPage> {
    return this.describe.page(caller, { ...filter, daemonId: daemon, before: cursor });
  }

  @Get(':id')
  @Needs('read')
  @Confined('task')
  get(@Param('id', IdPipe) id: string): Promise<TaskView> {
    return this.describe.find(id);
  }

  /** 202: the attempt is being spawned; task events report its progress. */
  @Post(':id/resume')
  @HttpCode(202)
  @Needs('operate')
  @Confined('task')
  async resume(
    @Param('id', IdPipe) id: string,
    @Body() body: ResumeTaskBody,
    @Asking() caller: Caller,
  ): Promise<TaskView> {
    await requirePlace(this.database.manager, caller, body);
    if (body.repoUrl !== undefined) requireAddress(body.repoUrl);
    return this.describe.view(await this.resumeTask.resume(id, body));
  }

  /**
   * 201 with the new task, which goes on from that checkpoint; 200 with the same one if it was made before
   * under the same `id`.
   */
  @Post(':id/fork')
  @Needs('operate')
  @Confined('task')
  async fork(
    @Param('id', IdPipe) id: string,
    @Body() body: ForkTaskBody,
    @Res({ passthrough: true }) response: ServerResponse,
    @Asking() caller: Caller,
  ): Promise<TaskView> {
    if (body.targetBranch !== undefined) requireTargetBranch(body.targetBranch);
    const { task, isNew } = await this.forkTask.fork(id, body, caller);
    answerCreated(response, isNew, `/v1/tasks/${task.id}`);
    return this.describe.view(task);
  }

  /** 202 with the task, which is already `stopped` if there is no daemon to wait for. */
  @Post(':id/stop')
  @HttpCode(202)
  @Needs('operate')
  @Confined('task')
  async stop(@Param('id', IdPipe) id: string, @Body() body: StopTaskBody): Promise<TaskView> {
    return this.describe.view(await this.stopTask.stop(id, body.reason));
  }

  /** 202: the daemon puts the worktree back, or says in a `checkpoint-failed` event why it does not. */
  @Post(':id/undo')
  @HttpCode(202)
  @Needs('operate')
  @Confined('task')
  async undo(@Param('id', IdPipe) id: string, @Body() body: UndoBody): Promise<void> {
    await this.daemon.undoWorktree(id, body.checkpointNumber);
  }

  @Put(':id/conversation-history')
  @HttpCode(204)
  @Needs('operate')
  @Confined('task')
  async putHistory(@Param('id', IdPipe) id: string, @Body() body: ConversationHistoryBody): Promise<void> {
    await this.history.replace(id, body.conversationHistory);
  }

  /** 202: the daemon removes the worktree, or logs why it does not. */
  @Post(':id/cleanup')
  @HttpCode(202)
  @Needs('operate')
  @Confined('task')
  async cleanup(@Param('id', IdPipe) id: string, @Body() body: CleanupWorktreeBody): Promise<void> {
    await this.daemon.cleanupWorktree(id, body.force);
  }
}
