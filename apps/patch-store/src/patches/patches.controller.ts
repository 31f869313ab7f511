import type { ServerResponse } from 'node:http';
import { Body, Controller, Delete, Get, Param, Post, Query, Res } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import {
  CreatePatchBody,
  LatestPatchQuery,
  type PatchInfo,
  type PatchList,
  type PatchesDeleted,
} from '#contracts';
import { Confined } from '../http/confined.js';
import { IdPipe } from '../http/contract.pipe.js';
import { Needs } from '../http/needs.js';
import { answerCreated } from '../http/created.js';
import { CreatePatch } from './create-patch.js';
import { DeletePatches } from './delete-patches.js';
import { patchInfo } from './patch-info.js';
import { ReadPatch } from './read-patch.js';

@Controller('v1')
export class PatchesController {
  constructor(
    private readonly read: ReadPatch,
    private readonly createPatch: CreatePatch,
    private readonly deletePatches: DeletePatches,
  ) {}

  /** Newest checkpoint first. */
  @Get('tasks/:id/patches')
  @Needs('read')
  @Confined('task')
  async list(@Param('id', IdPipe) taskId: string): Promise<PatchList> {
    return { patches: (await this.read.list(taskId)).map(patchInfo) };
  }

  /** The patch of the checkpoint that a resume of the task would restore. */
  @Get('tasks/:id/patches/latest')
  @Needs('read')
  @Confined('task')
  async latest(
    @Param('id', IdPipe) taskId: string,
    @Query() { format }: LatestPatchQuery,
  ): Promise<PatchInfo> {
    return patchInfo(await this.read.latest(taskId, format));
  }

  /** 201 with the new patch; 200 with the same one if it was stored before under the same `id`. */
  @Post('tasks/:id/patches')
  @Needs('operate')
  @Confined('task')
  async create(
    @Param('id', IdPipe) taskId: string,
    @Body() { id, ...body }: CreatePatchBody,
    @Res({ passthrough: true }) response: ServerResponse,
  ): Promise<PatchInfo> {
    const { patch, isNew } = await this.createPatch.create({
      ...body,
      taskId,
      id: id?.toLowerCase() ?? uuidv7(),
    });
    answerCreated(response, isNew, `/v1/patches/${patch.id}`);
    return patchInfo(patch);
  }

  /** Deletes all patches of the task; its checkpoints stay. */
  @Delete('tasks/:id/patches')
  @Needs('operate')
  @Confined('task')
  async delete(@Param('id', IdPipe) taskId: string): Promise<PatchesDeleted> {
    return { deletedCount: await this.deletePatches.ofTask(taskId) };
  }

  @Get('patches/:id')
  @Needs('read')
  @Confined('patch')
  async get(@Param('id', IdPipe) patchId: string): Promise<PatchInfo> {
    return patchInfo(await this.read.find(patchId));
  }
}
