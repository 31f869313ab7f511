import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import {
  ContractError,
  CreateCheckpointBody,
  ListCheckpointsQuery,
  type CheckpointDetail,
  type CheckpointPage,
} from '#contracts';
import { Database, findCheckpoint, findTask, listCheckpoints } from '#database';
import { taskNotFound } from '#tasks';
import { Confined } from '../http/confined.js';
import { IdPipe, OrdinalPipe } from '../http/contract.pipe.js';
import { Needs } from '../http/needs.js';
import { pageOf } from '../http/page.js';
import { CommandDaemon } from '../tasks/command-daemon.js';
import { checkpointView } from './checkpoint-view.js';
import { ListFiles } from './list-files.js';

@Controller('v1/tasks/:id/checkpoints')
export class CheckpointsController {
  constructor(
    private readonly database: Database,
    private readonly daemon: CommandDaemon,
    private readonly files: ListFiles,
  ) {}

  /** The most recently stored first. */
  @Get()
  @Needs('read')
  @Confined('task')
  async list(
    @Param('id', IdPipe) taskId: string,
    @Query() { limit, cursor }: ListCheckpointsQuery,
  ): Promise<CheckpointPage> {
    await this.requireTask(taskId);
    const rows = await listCheckpoints(this.database.manager, taskId, { before: cursor, limit: limit + 1 });
    const { items, last, hasMore } = pageOf(rows, limit);
    return { checkpoints: items.map(checkpointView), nextCursor: hasMore ? last!.number : null };
  }

  /** 202: the checkpoint, or why there is none, comes as an event. */
  @Post()
  @HttpCode(202)
  @Needs('operate')
  @Confined('task')
  async create(@Param('id', IdPipe) taskId: string, @Body() body: CreateCheckpointBody): Promise<void> {
    await this.daemon.createCheckpoint(taskId, body.message);
  }

  @Get(':number')
  @Needs('read', 'content')
  @Confined('task')
  async get(
    @Param('id', IdPipe) taskId: string,
    @Param('number', OrdinalPipe) number: number,
  ): Promise<CheckpointDetail> {
    const checkpoint = await findCheckpoint(this.database.manager, taskId, number);
    if (checkpoint) {
      const files = checkpoint.patchId && (await this.files.ofPatch(checkpoint.patchId));
      return { ...checkpointView(checkpoint), files: files || null };
    }
    await this.requireTask(taskId);
    throw new ContractError('CHECKPOINT_NOT_FOUND', `Task ${taskId} has no checkpoint ${number}.`, 'number');
  }

  private async requireTask(taskId: string): Promise<void> {
    if (!(await findTask(this.database.manager, taskId))) throw taskNotFound(taskId);
  }
}
